using System.Net.Sockets;
using Microsoft.Data.Sqlite;
using Polly;
using Polly.CircuitBreaker;

namespace Resilience.Polly.Tests;

/// <summary>The table of <c>docs/from-polly.md</c> tells which exceptions a caller of a pipeline of Polly's saw, and which it sees now.</summary>
public class CatchBlockTests
{
    private const string Same = "the same exception";

    // What happens inside, for each exception that a row names: in a pipeline of Polly's, and in a named one.
    private static readonly IReadOnlyDictionary<string, Func<ResiliencePipeline, Task>> Events = new Dictionary<string, Func<ResiliencePipeline, Task>>
    {
        ["`BrokenCircuitException`"] = async pipeline =>
        {
            for (var call = 0; call < 2; call++)
            {
                await RunAsync(pipeline, _ => throw new HttpRequestException()).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }

            await RunAsync(pipeline, _ => Task.CompletedTask);
        },
        ["`TimeoutRejectedException`"] = pipeline => RunAsync(pipeline, token => Task.Delay(Timeout.Infinite, token)),
        ["`RateLimiterRejectedException`"] = async pipeline =>
        {
            using var source = new CancellationTokenSource();
            var first = RunAsync(pipeline, token => Task.Delay(Timeout.Infinite, token), source.Token);
            try
            {
                await RunAsync(pipeline, _ => Task.CompletedTask);
            }
            finally
            {
                await source.CancelAsync();
                await first.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        },
        ["`HttpRequestException`"] = pipeline => RunAsync(pipeline, _ => throw new HttpRequestException()),
        ["`SocketException`"] = pipeline => RunAsync(pipeline, _ => throw new SocketException((int)SocketError.ConnectionRefused)),
        ["transient `DbException`"] = pipeline => RunAsync(pipeline, _ => throw new SqliteException("busy", errorCode: 5)),
        ["an exception of your own"] = pipeline => RunAsync(pipeline, _ => throw new OrderRefusedException()),
        ["`OperationCanceledException` of your token"] = async pipeline =>
        {
            using var source = new CancellationTokenSource();
            await RunAsync(pipeline, async token =>
            {
                await source.CancelAsync();
                token.ThrowIfCancellationRequested();
            }, source.Token);
        },
    };

    private static readonly IReadOnlyDictionary<string, DocsRow> Rows = DocsTable.RowsWith("you catch").Where(row => row.Page == "docs/from-polly.md")
        .SelectMany(row => row["you catch"].Split(", ").Select(caught => KeyValuePair.Create(caught, row))).ToDictionary();

    public static TheoryData<string> Names => [.. Events.Keys];

    [Fact]
    public void Rows_are_those_that_are_tried() => Assert.Equal(Events.Keys, Rows.Keys);

    [Theory]
    [MemberData(nameof(Names))]
    public async Task Exceptions_are_those_of_the_row(string caught)
    {
        // Only what hangs has a short limit.
        var limit = caught == "`TimeoutRejectedException`" ? TimeSpan.FromMilliseconds(200) : TimeSpan.FromSeconds(20);
        await using var app = TestPipelines.Of(
            options =>
            {
                options.Timeout.Attempt = limit;
                options.Retry.MaxAttempts = 1;
                options.CircuitBreaker.FailureThreshold = 2;
                options.Bulkhead.MaxConcurrency = 1;
                options.Bulkhead.AcquisitionTimeout = TimeSpan.Zero;
            },
            TimeProvider.System);
        var polly = new ResiliencePipelineBuilder()
            .AddConcurrencyLimiter(permitLimit: 1)
            .AddCircuitBreaker(new CircuitBreakerStrategyOptions { MinimumThroughput = 2 })
            .AddTimeout(limit)
            .Build();

        var before = await Assert.ThrowsAnyAsync<Exception>(() => Events[caught](polly));
        var now = await Assert.ThrowsAnyAsync<Exception>(() => Events[caught](app.Pipeline));

        var row = Rows[caught];
        var name = caught == "an exception of your own" ? nameof(OrderRefusedException) : caught.Split('`')[1];
        Assert.Contains(name, Types(before));
        if (row["it becomes"] == Same)
        {
            Assert.Equal(before.GetType(), now.GetType());
            return;
        }

        Assert.Contains(row.Code("it becomes"), Types(now));
        Assert.Contains(row.Code("base"), Types(now));
        Assert.IsType<HttpRequestException>(now, exactMatch: false);
    }

    private static Task RunAsync(ResiliencePipeline pipeline, Func<CancellationToken, Task> call, CancellationToken cancellationToken = default) =>
        pipeline.ExecuteAsync(async token => await call(token), cancellationToken).AsTask();

    private static IEnumerable<string> Types(Exception exception)
    {
        for (var type = exception.GetType(); type != typeof(Exception); type = type.BaseType!)
        {
            yield return type.Name;
        }
    }

    private sealed class OrderRefusedException : Exception;
}
