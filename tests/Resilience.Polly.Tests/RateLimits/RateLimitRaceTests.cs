using System.Diagnostics;

namespace Resilience.Polly.Tests.RateLimits;

/// <summary>"Never more than the burst and what comes back", with real threads and the clock of the machine.</summary>
public class RateLimitRaceTests
{
    private static readonly TimeSpan Watchdog = TimeSpan.FromMinutes(2);

    [Theory]
    [InlineData(0)]
    [InlineData(20)]
    public async Task Execute_many_threads_never_begins_more_attempts_than_the_rate_allows(int maxWaitMilliseconds)
    {
        const int Permits = 2_000, Burst = 50, Threads = 4, Attempts = 1_000;
        await using var app = TestPipelines.Of(
            options =>
            {
                (options.RateLimit.Permits, options.RateLimit.Burst) = (Permits, Burst);
                options.RateLimit.MaxWait = TimeSpan.FromMilliseconds(maxWaitMilliseconds);
                options.Retry.MaxAttempts = 1;
            },
            TimeProvider.System);
        var pipeline = app.Pipeline;
        var (begun, refused, seed) = (0, 0, Random.Shared.Next());
        var permits = new List<(long From, long To)>[Threads];

        await Task.WhenAll(Enumerable.Range(0, Threads).Select(thread => Task.Factory.StartNew(
            () =>
            {
                var random = new Random(seed + thread);
                var mine = permits[thread] = [];
                while (Volatile.Read(ref begun) < Attempts)
                {
                    if (random.Next(100) == 0)
                    {
                        Thread.Sleep(random.Next(60)); // where all of them rest, the burst comes back
                    }

                    var from = Stopwatch.GetTimestamp();
                    try
                    {
                        mine.Add((from, pipeline.Execute(static () => Stopwatch.GetTimestamp())));
                        Interlocked.Increment(ref begun);
                    }
                    catch (RateLimitedException)
                    {
                        Interlocked.Increment(ref refused);
                    }
                }
            },
            TaskCreationOptions.LongRunning))).WaitAsync(Watchdog);

        // When a permit was taken is known as a span of time. Those whose spans lie in a window were taken in it, whatever a thread was held up by.
        var ended = permits.SelectMany(mine => mine).OrderBy(permit => permit.To).ToList();
        foreach (var (from, _) in ended)
        {
            var taken = 0;
            foreach (var permit in ended)
            {
                taken += permit.From >= from ? 1 : 0;
                var allowed = Burst + (Permits * Stopwatch.GetElapsedTime(from, permit.To).TotalSeconds);
                Assert.True(permit.To < from || taken <= allowed + 1, $"seed {seed}: {taken} attempts began within a time that allows {allowed:0.0}");
            }
        }

        Assert.True(maxWaitMilliseconds > 0 || refused > 0, "nothing was refused");
        Assert.Equal(0, app.Snapshot.RateLimit!.Waiting);
    }

    [Fact]
    public async Task Execute_waiters_that_give_up_lose_no_permit()
    {
        await using var app = TestPipelines.Of(
            options =>
            {
                (options.RateLimit.Permits, options.RateLimit.Burst, options.RateLimit.MaxWait) = (500, 1, TimeSpan.FromMinutes(1));
                (options.Retry.MaxAttempts, options.Bulkhead.MaxConcurrency) = (1, 1000);
            },
            TimeProvider.System);
        var seed = Random.Shared.Next();
        var random = new Random(seed);
        var calls = new List<Task>();
        var stops = new List<CancellationTokenSource>();
        for (var i = 0; i < 400; i++)
        {
            var stop = random.Next(2) == 0 ? new CancellationTokenSource(random.Next(1, 200)) : new CancellationTokenSource();
            stops.Add(stop);
            calls.Add(app.Pipeline.ExecuteAsync(static _ => ValueTask.CompletedTask, stop.Token).AsTask());
        }

        await Task.WhenAll(calls).WaitAsync(Watchdog).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);

        Assert.True(calls.All(call => call.IsCompletedSuccessfully || call.IsCanceled), $"seed {seed}: {calls.Find(call => !call.IsCompleted || call.IsFaulted)?.Exception}");
        Assert.Equal((0, 0), (app.Snapshot.RateLimit!.Waiting, app.Snapshot.Bulkhead.InUse));
        stops.ForEach(stop => stop.Dispose());
    }
}
