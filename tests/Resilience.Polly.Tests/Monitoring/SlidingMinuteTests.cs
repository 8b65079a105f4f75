using static Resilience.Polly.TestKit.Dependency;

namespace Resilience.Polly.Tests.Monitoring;

/// <summary>Calls and latencies of the last minute.</summary>
public class SlidingMinuteTests
{
    [Fact]
    public async Task Call_is_seen_for_55_to_60_seconds()
    {
        await using var app = TestPipelines.Of(_ => { });
        await new Dependency(Answers(1)).ThroughAsync(app.Pipeline);

        app.Clock.Advance(TimeSpan.FromSeconds(55));
        Assert.Equal((1, 1), (app.Snapshot.Calls.Total, app.Snapshot.Latency.Count));
        app.Clock.Advance(TimeSpan.FromSeconds(5));
        Assert.Equal((0, 0), (app.Snapshot.Calls.Total, app.Snapshot.Latency.Count));
        Assert.Equal(1, app.Snapshot.Lifetime.Total);
    }

    [Fact]
    public async Task Calls_after_a_quiet_hour_are_not_mixed_with_those_before_it()
    {
        await using var app = TestPipelines.Of(_ => { });
        for (var i = 0; i < 60; i++)
        {
            await new Dependency(Answers(1)).ThroughAsync(app.Pipeline);
            app.Clock.Advance(TimeSpan.FromSeconds(1));
        }

        app.Clock.Advance(TimeSpan.FromHours(1));
        await new Dependency(Answers(1)).ThroughAsync(app.Pipeline);

        Assert.Equal((1, 61), (app.Snapshot.Calls.Total, app.Snapshot.Lifetime.Total));
    }

    [Theory]
    [InlineData(0.003)]
    [InlineData(0.1)]
    [InlineData(4)]
    [InlineData(250)]
    [InlineData(60_000)]
    public async Task Percentiles_are_off_by_an_eighth_or_16_microseconds_at_most(double longestInMilliseconds)
    {
        await using var app = TestPipelines.Of(o => o.Timeout.Attempt = TimeSpan.FromHours(1));
        var longest = TimeSpan.FromMilliseconds(longestInMilliseconds);
        for (var i = 1; i <= 100; i++)
        {
            await TakeAsync(app, longest * i / 100);
        }

        var latency = app.Snapshot.Latency;
        Assert.InRange(latency.Count, 1, 100); // the longest ones last longer than a minute in all
        if (latency.Count == 100)
        {
            Near(longest * 0.50, latency.P50);
            Near(longest * 0.95, latency.P95);
            Near(longest * 0.99, latency.P99);
        }
        else
        {
            Near(longest, latency.P99);
        }
    }

    [Fact]
    public async Task Percentiles_of_random_durations_are_those_of_the_sorted_list()
    {
        var seed = Random.Shared.Next();
        TestContext.Current.TestOutputHelper?.WriteLine($"seed {seed}");
        var random = new Random(seed);
        for (var round = 0; round < 20; round++)
        {
            await using var app = TestPipelines.Of(_ => { });
            var scale = Math.Pow(10, (random.NextDouble() * 5) - 2); // 10 microseconds to a second
            TimeSpan[] durations = [.. Enumerable.Range(0, random.Next(1, 400)).Select(_ => TimeSpan.FromMilliseconds(scale * -Math.Log(1 - random.NextDouble())))];
            if (durations.Sum(duration => duration.TotalSeconds) > 50)
            {
                continue; // not all would be in the minute
            }

            foreach (var duration in durations)
            {
                await TakeAsync(app, duration);
            }

            Array.Sort(durations);
            var latency = app.Snapshot.Latency;
            Assert.Equal(durations.Length, latency.Count);
            Near(durations[(int)Math.Ceiling(0.50 * durations.Length) - 1], latency.P50);
            Near(durations[(int)Math.Ceiling(0.95 * durations.Length) - 1], latency.P95);
            Near(durations[(int)Math.Ceiling(0.99 * durations.Length) - 1], latency.P99);
        }
    }

    [Fact]
    public async Task Call_longer_than_15_minutes_counts_as_one_of_the_longest()
    {
        await using var app = TestPipelines.Of(o => o.Timeout.Attempt = TimeSpan.FromDays(1));

        await TakeAsync(app, TimeSpan.FromHours(10));

        Assert.InRange(app.Snapshot.Latency.P50, TimeSpan.FromMinutes(15), TimeSpan.FromHours(1));
    }

    [Fact]
    public async Task No_call_is_lost_or_counted_twice_while_threads_count_and_the_minute_moves()
    {
        const int threads = 4;
        const int callsPerThread = 20_000;
        var clock = new TestClock();
        await using var app = TestPipelines.Of(o => (o.Bulkhead.MaxConcurrency, o.Retry.MaxAttempts) = (100, 1), clock);
        var pipeline = app.Pipeline;
        var ended = 0;
        var seen = new List<long>();

        var workers = Enumerable.Range(0, threads).Select(worker => Task.Run(async () =>
        {
            for (var call = 0; call < callsPerThread; call++)
            {
                await new Dependency(Answers(worker)).ThroughAsync(pipeline);
            }

            Interlocked.Increment(ref ended);
        })).ToArray();

        // In all 50 s: the minute passes through ten of its parts, and none is over.
        for (var part = 0; part < 10 || Volatile.Read(ref ended) < threads; part++)
        {
            if (part < 10)
            {
                clock.Advance(TimeSpan.FromSeconds(5));
            }

            seen.Add(app.Snapshot.Calls.Total);
        }

        await Task.WhenAll(workers);
        Assert.Equal(threads * callsPerThread, app.Snapshot.Calls.Total);
        Assert.Equal(threads * callsPerThread, app.Snapshot.Latency.Count);
        Assert.Equal(seen.Order(), seen); // a count never goes back before its time
    }

    private static async Task TakeAsync(TestPipelines app, TimeSpan duration)
    {
        using var call = new HeldCall(app.Pipeline);
        app.Clock.Advance(duration);
        await call.FinishAsync();
    }

    private static void Near(TimeSpan expected, TimeSpan actual)
    {
        var allowed = Math.Max(expected.TotalMilliseconds * 0.125, 0.0161);
        Assert.InRange(actual.TotalMilliseconds, expected.TotalMilliseconds - allowed, expected.TotalMilliseconds + allowed);
    }
}
