using System.Globalization;

namespace Resilience.Polly.Tests;

/// <summary>The backoff table of the page on retries shows the waits that are made.</summary>
public class BackoffDocsTests
{
    private static readonly Dictionary<string, Func<RetryOptions>> Columns = new()
    {
        ["defaults"] = () => new() { MaxAttempts = 10 },
        ["defaults, no jitter"] = () => new() { MaxAttempts = 10, Jitter = false },
        ["`Conservative`"] = () => RetryPresets.Conservative,
        ["`Aggressive`"] = () => RetryPresets.Aggressive,
    };

    public static TheoryData<string> ColumnNames => [.. Columns.Keys];

    [Theory]
    [MemberData(nameof(ColumnNames))]
    public async Task Wait_is_within_the_range_in_the_table(string column)
    {
        var waits = new Waits();
        await using var app = TestPipelines.Of(
            options =>
            {
                options.Retry = Columns[column]();
                options.Timeout.Read = Timeout.InfiniteTimeSpan; // on this clock any other is over at once
            },
            new NoWaiting(),
            waits);

        await Assert.ThrowsAsync<ApiTimeoutException>(async () => await app.Pipeline.ExecuteAsync(_ => throw new TimeoutException()));

        await app.DisposeAsync(); // tells the listener what is still on its way
        var rows = DocsTable.RowsWith("before attempt").Where(row => row[column].Length > 0).ToList();
        Assert.InRange(waits.Seen.Count, rows.Count, int.MaxValue);
        foreach (var (index, wait) in waits.Seen.Index())
        {
            var (from, to) = Range(rows[Math.Min(index, rows.Count - 1)][column]);
            Assert.InRange(wait.TotalSeconds, from, to);
        }
    }

    // "1-2 s" or "60 s"
    private static (double From, double To) Range(string cell)
    {
        var ends = cell.Replace(" s", "").Split('-').Select(end => double.Parse(end, CultureInfo.InvariantCulture)).ToList();
        return (ends[0], ends[^1]);
    }

    private sealed class Waits : IResilienceListener
    {
        public List<TimeSpan> Seen { get; } = [];

        public void OnEvent(PipelineEvent e)
        {
            if (e is RetryEvent retry)
            {
                Seen.Add(retry.Wait);
            }
        }
    }

    /// <summary>Every wait is over at once.</summary>
    private sealed class NoWaiting : TimeProvider
    {
        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            if (dueTime != Timeout.InfiniteTimeSpan)
            {
                callback(state);
            }

            return System.CreateTimer(_ => { }, null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        }
    }
}
