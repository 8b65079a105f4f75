using System.Diagnostics;
using Polly;
using Polly.CircuitBreaker;

namespace Resilience.Polly.Tests.Partitions;

/// <summary>Calls of many threads while partitions come, are forgotten, and open their circuits.</summary>
public class PartitionRaceTests
{
    private static readonly string[] Keys = [.. Enumerable.Range(0, 12).Select(number => $"key-{number}")];

    [Fact]
    public async Task Forgetting_while_calls_come_loses_no_call_and_never_gives_a_key_two_sets_of_slots()
    {
        const int Limit = 2;
        const int Enough = 20;
        const int Callers = 4;
        await using var app = PartitionedApp.Of(options =>
        {
            (options.PartitionIdleTimeout, options.MaxPartitions, options.CircuitBreaker.Mode) = (TimeSpan.FromSeconds(1), Keys.Length, CircuitBreakerMode.Disabled);
            (options.Bulkhead.MaxConcurrency, options.Bulkhead.AcquisitionTimeout) = (Limit, TimeSpan.FromHours(1));
        });
        await app.App.StartAsync();
        var (inside, most, calls, forgotten, isOver) = (new int[Keys.Length], new int[Keys.Length], new int[Callers], 0, false);
        var callers = Enumerable.Range(0, Callers).Select(caller => Task.Factory.StartNew(() => CallAsync(caller), TaskCreationOptions.LongRunning).Unwrap()).ToList();
        var forgetting = Task.Factory.StartNew(Forget, TaskCreationOptions.LongRunning);
        var made = (await Task.WhenAll(callers)).Sum();
        Volatile.Write(ref isOver, true);
        await forgetting;

        Assert.All(most, seen => Assert.InRange(seen, 0, Limit));
        Assert.True(forgotten > Enough, $"only {forgotten} were forgotten");
        Assert.Equal(made, app.Snapshot.Lifetime.Total);
        Assert.Equal(made, app.Snapshot.Lifetime.Succeeded);

        async Task<int> CallAsync(int caller)
        {
            var random = new Random(caller);

            // On a busy machine the thread that forgets may come late.
            const int Calls = 30_000;
            var (call, started) = (0, Stopwatch.StartNew());
            for (; call < Calls || (Volatile.Read(ref forgotten) <= Enough && started.Elapsed < TimeSpan.FromMinutes(1)); call++)
            {
                var number = call % 500 < 400 ? random.Next(Keys.Length) : 0; // so that others are idle now and then
                var context = ResilienceContextPool.Shared.Get();
                context.Properties.Set(CallProperties.Partition, Keys[number]);
                await app.App.Pipeline.ExecuteAsync(
                    (_, number) =>
                    {
                        InterlockedMax.Set(ref most[number], Interlocked.Increment(ref inside[number]));
                        Interlocked.Decrement(ref inside[number]);
                        return default;
                    },
                    context,
                    number);
                ResilienceContextPool.Shared.Return(context);
                Volatile.Write(ref calls[caller], call + 1);
            }

            return call;
        }

        // A leap of more than a minute: whatever has no call inside is idle. Each caller makes a call before the next leap. Otherwise an hour would pass for one that waits while those inside do not run.
        void Forget()
        {
            while (!Volatile.Read(ref isOver))
            {
                var before = app.Snapshot.Partitions.Count;
                app.App.Clock.Advance(TimeSpan.FromSeconds(61));
                app.App.Clock.Advance(TimeSpan.FromSeconds(1));
                forgotten += Math.Max(0, before - app.Snapshot.Partitions.Count);
                int[] made = [.. calls];
                SpinWait.SpinUntil(() => Volatile.Read(ref isOver) || Enumerable.Range(0, Callers).All(caller => Volatile.Read(ref calls[caller]) != made[caller]));
            }
        }
    }

    [Fact]
    public async Task Circuits_that_open_at_once_are_never_more_than_MaxOpenShare()
    {
        await using var app = PartitionedApp.Of(options => (options.CircuitBreaker.FailureThreshold, options.CircuitBreaker.RecoveryTimeout) = (1, TimeSpan.FromSeconds(1)));
        Array.ForEach(Keys, key => app.Call(key));
        var (most, isOver) = (0, false);
        var callers = Enumerable.Range(0, 4).Select(seed => Task.Factory.StartNew(() => Call(new Random(seed)), TaskCreationOptions.LongRunning)).ToList();
        while (callers.Any(caller => !caller.IsCompleted))
        {
            most = Math.Max(most, app.Snapshot.OpenCircuits);
            app.App.Clock.Advance(TimeSpan.FromMilliseconds(100));
        }

        await Task.WhenAll(callers);
        Volatile.Write(ref isOver, true);
        Assert.InRange(most, 1, Keys.Length / 2);
        Assert.Equal(
            app.Snapshot.Partitions.Count(partition => partition.CircuitBreaker.State is not CircuitState.Closed), app.Snapshot.OpenCircuits);

        void Call(Random random)
        {
            for (var call = 0; call < 20_000; call++)
            {
                app.Call(Keys[random.Next(Keys.Length)], fails: random.Next(3) > 0);
            }
        }
    }
}
