using Polly;
using static Resilience.Polly.TestKit.Dependency;

namespace Resilience.Polly.Tests.Bulkheads;

/// <summary>Bulkhead:HoldWhileWaiting: who has the slot while a call waits for its retry.</summary>
public class HoldWhileWaitingTests
{
    private static readonly TimeSpan Wait = TimeSpan.FromSeconds(10);

    private static TestPipelines App(bool holds, Action<PipelineOptions>? more = null, TimeProvider? clock = null) => TestPipelines.Of(
        o =>
        {
            (o.Bulkhead.HoldWhileWaiting, o.Bulkhead.MaxConcurrency, o.Bulkhead.AcquisitionTimeout) = (holds, 1, TimeSpan.FromSeconds(5));
            (o.Retry.MaxAttempts, o.Retry.MinWait, o.Retry.MaxWait, o.Retry.Jitter, o.Retry.Budget.Enabled) = (2, Wait, Wait, false, false);
            (o.Timeout.Read, o.CircuitBreaker.Mode) = (TimeSpan.FromMinutes(5), CircuitBreakerMode.Disabled);
            more?.Invoke(o);
        },
        clock);

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Slot_is_free_during_the_wait_unless_it_is_held(bool holds)
    {
        await using var app = App(holds);
        var retried = new Dependency(Fails(), Answers(7)).ThroughAsync(app.Pipeline);
        Assert.Equal((holds ? 1 : 0, holds ? 0 : 1), (app.Snapshot.Bulkhead.InUse, app.Snapshot.Bulkhead.WaitingToRetry));

        var other = new Dependency(Answers(1)).ThroughAsync(app.Pipeline);
        Assert.Equal(!holds, other.IsCompleted);
        app.Clock.Advance(TimeSpan.FromSeconds(5));
        Assert.Equal(holds, (await other).Exception is BulkheadFullException);
        app.Clock.Advance(TimeSpan.FromSeconds(5));

        Assert.Equal(7, (await retried).Result);
        var slots = app.Snapshot.Bulkhead;
        Assert.Equal((0, 0, 0, 1), (slots.InUse, slots.Waiting, slots.WaitingToRetry, slots.Peak));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Call_that_finds_no_slot_again_ends_with_its_failure(bool lineIsFull)
    {
        await using var app = App(holds: false, o => o.Bulkhead.MaxQueue = lineIsFull ? 0 : null);
        var retried = new Dependency(Fails(), Answers(7)).ThroughAsync(app.Pipeline);
        using var holder = new HeldCall(app.Pipeline);
        app.Clock.Advance(Wait);
        await UntilAsync(() => lineIsFull ? retried.IsCompleted : app.Snapshot.Bulkhead.Waiting == 1);
        app.Clock.Advance(TimeSpan.FromSeconds(5));

        var failure = Assert.IsType<ApiConnectionException>((await retried).Exception);
        Assert.Equal(1, failure.Attempts);
        Assert.EndsWith(", waited 10 s, no slot for the next attempt", failure.CallHistory, StringComparison.Ordinal);
        Assert.Equal((1, 0, 1, 0), (app.Snapshot.Calls.Failed, app.Snapshot.Calls.BulkheadFull, app.Snapshot.Bulkhead.InUse, app.Snapshot.Bulkhead.WaitingToRetry));
        await holder.FinishAsync();
        Assert.Equal(0, app.Snapshot.Bulkhead.InUse);
    }

    [Fact]
    public async Task Call_takes_its_place_behind_those_who_wait()
    {
        await using var app = App(holds: false);
        var order = new List<string>();
        var retried = new Dependency(Fails(), () =>
        {
            order.Add("retried");
            return 1;
        }).ThroughAsync(app.Pipeline);
        using var holder = new HeldCall(app.Pipeline);
        app.Clock.Advance(Wait - TimeSpan.FromSeconds(1));
        var waiting = new Dependency(() =>
        {
            order.Add("waiting");
            return 2;
        }).ThroughAsync(app.Pipeline);
        app.Clock.Advance(TimeSpan.FromSeconds(1));
        await UntilAsync(() => app.Snapshot.Bulkhead is { Waiting: 2, WaitingToRetry: 1 });

        await holder.FinishAsync();
        await Task.WhenAll(retried, waiting);
        Assert.Equal(["waiting", "retried"], order);
    }

    [Fact]
    public async Task Call_that_is_cancelled_during_the_wait_or_in_line_loses_no_slot()
    {
        foreach (var inLine in new[] { false, true })
        {
            await using var app = App(holds: false);
            using var stop = new CancellationTokenSource();
            var retried = new Dependency(Fails(), Answers(7)).ThroughAsync(app.Pipeline, stop.Token);
            using var holder = new HeldCall(app.Pipeline);
            app.Clock.Advance(inLine ? Wait : TimeSpan.FromSeconds(1));
            await UntilAsync(() => app.Snapshot.Bulkhead.Waiting == (inLine ? 1 : 0));
            await stop.CancelAsync();

            Assert.IsAssignableFrom<OperationCanceledException>((await retried).Exception);
            Assert.Equal((1, 0, 0), (app.Snapshot.Bulkhead.InUse, app.Snapshot.Bulkhead.Waiting, app.Snapshot.Bulkhead.WaitingToRetry));
            await holder.FinishAsync();
            Assert.Equal(0, app.Snapshot.Bulkhead.InUse);
            Assert.Equal(1, (await new Dependency(Answers(1)).ThroughAsync(app.Pipeline)).Result);
        }
    }

    [Theory]
    [InlineData(CircuitCount.Call)]
    [InlineData(CircuitCount.Attempt)]
    public async Task Circuit_that_opens_while_the_call_stands_in_line_ends_it_with_its_failure(CircuitCount count)
    {
        await using var app = App(holds: false, o => (o.CircuitBreaker.Mode, o.CircuitBreaker.CountPer) = (CircuitBreakerMode.Enforce, count));
        var dependency = new Dependency(Fails(), Answers(7));
        var retried = dependency.ThroughAsync(app.Pipeline);
        using var holder = new HeldCall(app.Pipeline);
        app.Clock.Advance(Wait);
        await UntilAsync(() => app.Snapshot.Bulkhead.Waiting == 1);
        app.Control.Isolate(TestPipelines.Name);
        await holder.FinishAsync();

        Assert.EndsWith(", circuit not closed", Assert.IsType<ApiConnectionException>((await retried).Exception).CallHistory, StringComparison.Ordinal);
        Assert.Equal((1, 0, 0), (dependency.Attempts, app.Snapshot.Bulkhead.InUse, app.Snapshot.Bulkhead.WaitingToRetry));
    }

    [Fact]
    public async Task Total_timeout_that_ends_in_line_is_a_timeout()
    {
        await using var app = App(holds: false, o => o.Timeout.Total = TimeSpan.FromSeconds(12));
        var retried = new Dependency(Fails(), Answers(7)).ThroughAsync(app.Pipeline);
        using var holder = new HeldCall(app.Pipeline);
        app.Clock.Advance(Wait);
        await UntilAsync(() => app.Snapshot.Bulkhead.Waiting == 1);
        app.Clock.Advance(TimeSpan.FromSeconds(2));

        Assert.Equal(TimeoutPhase.Total, Assert.IsType<ApiTimeoutException>((await retried).Exception).Phase);
        Assert.Equal((1, 0), (app.Snapshot.Bulkhead.InUse, app.Snapshot.Bulkhead.WaitingToRetry));
    }

    [Fact]
    public async Task Partition_of_a_call_between_two_attempts_is_not_forgotten()
    {
        await using var app = App(holds: false, o =>
        {
            (o.PartitionBy, o.PartitionIdleTimeout) = (PartitionBy.Key, TimeSpan.FromSeconds(1));
            (o.Retry.MinWait, o.Retry.MaxWait) = (TimeSpan.FromMinutes(5), TimeSpan.FromMinutes(5));
        });
        await app.StartAsync();
        var attempts = 0;
        var context = ResilienceContextPool.Shared.Get();
        context.Properties.Set(CallProperties.Partition, "tenant");
        var call = app.Pipeline.ExecuteAsync(_ => ++attempts == 1 ? throw new HttpRequestException() : new ValueTask<int>(7), context).AsTask();
        app.Pass(299);
        Assert.Equal(["tenant"], Keys());
        app.Pass(1);
        Assert.Equal(7, await call);
        app.Pass(120);
        Assert.Empty(Keys());

        IEnumerable<string?> Keys() => app.Snapshot.Partitions.Select(partition => partition.Key).Where(key => key is not null);
    }

    [Fact]
    public async Task Retry_without_a_wait_keeps_the_slot()
    {
        await using var app = App(holds: false, o => (o.Retry.MinWait, o.Retry.MaxWait) = (TimeSpan.Zero, TimeSpan.Zero));
        var seen = new List<int>();
        await new Dependency(Fails(), () =>
        {
            seen.Add(app.Snapshot.Bulkhead.InUse);
            return 1;
        }).ThroughAsync(app.Pipeline);
        Assert.Equal([1], seen);
    }

    [Fact]
    public async Task Budget_counts_calls_that_pause_as_calls()
    {
        await using var app = App(holds: false, o =>
        {
            (o.Retry.Budget.Enabled, o.Retry.Budget.Ratio, o.Retry.Budget.ReservePerSecond) = (true, 0.5, 0);
            o.Bulkhead.MaxConcurrency = 10;
        });
        List<Task> paused = [];
        for (var call = 0; call < 10; call++)
        {
            paused.Add(new Dependency(Fails(), Answers(1)).ThroughAsync(app.Pipeline));
        }

        // Of ten calls five may retry, all of which wait without a slot.
        Assert.Equal((5, 0), (app.Snapshot.Bulkhead.WaitingToRetry, app.Snapshot.Bulkhead.InUse));
        app.Clock.Advance(Wait);
        await Task.WhenAll(paused);
        Assert.Equal(0, app.Snapshot.Bulkhead.WaitingToRetry);
    }

    [Fact]
    public async Task Execute_keeps_its_thread_and_gives_the_slot_back_meanwhile()
    {
        await using var app = App(holds: false, o => (o.Retry.MinWait, o.Retry.MaxWait) = (TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(1)), TimeProvider.System);
        var pipeline = app.Pipeline;
        var threads = new List<int>();
        var blocking = Task.Factory.StartNew(
            () => pipeline.Execute(() =>
            {
                threads.Add(Environment.CurrentManagedThreadId);
                return threads.Count == 1 ? throw new HttpRequestException() : 1;
            }),
            TaskCreationOptions.LongRunning);
        await UntilAsync(() => app.Snapshot.Bulkhead.WaitingToRetry == 1);
        Assert.Equal(0, app.Snapshot.Bulkhead.InUse);
        Assert.Equal(1, await blocking.WaitAsync(HeldCall.Patience));
        Assert.Equal((2, 1), (threads.Count, threads.Distinct().Count()));
    }

    [Fact]
    public async Task Many_threads_never_exceed_the_limit_and_leave_no_slot_and_no_pause()
    {
        const int Limit = 3, Calls = 4_000;
        var seed = Random.Shared.Next();
        await using var app = App(
            holds: false,
            o =>
            {
                (o.Bulkhead.MaxConcurrency, o.Bulkhead.AcquisitionTimeout) = (Limit, TimeSpan.FromMilliseconds(3));
                (o.Retry.MaxAttempts, o.Retry.MinWait, o.Retry.MaxWait) = (4, TimeSpan.FromMilliseconds(1), TimeSpan.FromMilliseconds(3));
            },
            TimeProvider.System);
        var (inside, most, begun, paused) = (0, 0, 0, 0);
        await Task.WhenAll(Enumerable.Range(0, 16).Select(worker => Task.Run(async () =>
        {
            var random = new Random(seed + worker);
            while (Interlocked.Increment(ref begun) <= Calls)
            {
                using var stop = new CancellationTokenSource();
                if (random.Next(4) == 0)
                {
                    stop.CancelAfter(random.Next(5));
                }

                await app.Pipeline.ExecuteAsync(
                    async _ =>
                    {
                        InterlockedMax.Set(ref most, Interlocked.Increment(ref inside));
                        await Task.Yield();
                        Interlocked.Decrement(ref inside);
                        InterlockedMax.Set(ref paused, app.Snapshot.Bulkhead.WaitingToRetry);
                        if (random.Next(2) == 0)
                        {
                            throw new HttpRequestException();
                        }
                    },
                    stop.Token).AsTask().ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }))).WaitAsync(TimeSpan.FromMinutes(2));

        var slots = app.Snapshot.Bulkhead;
        Assert.True((slots.InUse, slots.Waiting, slots.WaitingToRetry, slots.Peak, most) == (0, 0, 0, Limit, Limit), $"seed {seed}: {slots.InUse} {slots.Waiting} {slots.WaitingToRetry} {slots.Peak} {most}");
        Assert.True(paused > 0, "nobody paused");
    }

    private static async Task UntilAsync(Func<bool> holds)
    {
        for (var begun = Environment.TickCount64; !holds(); await Task.Yield())
        {
            Assert.True(Environment.TickCount64 - begun < HeldCall.Patience.TotalMilliseconds, "it does not come to that");
        }
    }
}
