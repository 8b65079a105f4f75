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
        var (begun, refused) = (0, 0);
        var times = new List<long>[Threads];
        var started = Stopwatch.GetTimestamp();

        await Task.WhenAll(Enumerable.Range(0, Threads).Select(thread => Task.Factory.StartNew(
            () =>
            {
                var mine = times[thread] = [];
                while (Volatile.Read(ref begun) < Attempts)
                {
                    try
                    {
                        pipeline.Execute(static () => { });
                        Interlocked.Increment(ref begun);
                        mine.Add(Stopwatch.GetTimestamp());
                    }
                    catch (RateLimitedException)
                    {
                        Interlocked.Increment(ref refused);
                    }
                }
            },
            TaskCreationOptions.LongRunning))).WaitAsync(Watchdog);

        // A permit is taken before its time is read, so that each count holds for the time since the start, whatever a thread is held up by.
        var all = times.SelectMany(mine => mine).Order().ToList();
        for (var count = 1; count <= all.Count; count++)
        {
            var allowed = Burst + (Permits * Stopwatch.GetElapsedTime(started, all[count - 1]).TotalSeconds);
            Assert.True(count <= allowed + 1, $"{count} attempts began in a time that allows {allowed:0.0}");
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
