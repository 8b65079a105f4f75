using Microsoft.Extensions.DependencyInjection;
using Polly;

namespace Resilience.Polly.Tests.Queues;

/// <summary>At shutdown the queue does what it can within its limit, and hands back the rest.</summary>
public class QueueShutdownTests
{
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    [Fact]
    public async Task Stop_goes_on_until_all_is_done()
    {
        await using var app = await QueueApp.StartedAsync(o => o.Workers = 1);
        var items = Enumerable.Range(0, 3).Select(i => new HeldItem(i).EnqueueTo(app.Queue)).ToList();

        await app.UntilAsync(now => now.Running == 1);

        var stopping = app.StopAsync();
        foreach (var item in items)
        {
            await QueueApp.WaitAsync(() => item.IsInWork, () => app.Now.ToString());
            Assert.False(stopping.IsCompleted);
            item.Complete();
        }

        await stopping.WaitAsync(HeldCall.Patience);
        Assert.Equal(Enumerable.Range(0, 3), await Task.WhenAll(items.Select(item => item.Task)).WaitAsync(HeldCall.Patience));
        Assert.Equal((3, 3, 0), (app.Now.Accepted, app.Now.Completed, app.Now.HandedBack));
        Assert.Equal(["Information: Queue 'reports' shuts down: 2 items wait, 1 run; it continues for 20 s at most"], Shutdown(app));
    }

    [Fact]
    public async Task Stop_hands_back_at_the_drain_timeout_what_is_not_done()
    {
        await using var app = await QueueApp.StartedAsync(o => o.Workers = 1);
        var inWork = new HeldItem(0).EnqueueTo(app.Queue);
        var waiting = new HeldItem(2).EnqueueTo(app.Queue);
        await QueueApp.WaitAsync(() => inWork.IsInWork, () => app.Now.ToString());

        var stopping = app.StopAsync();
        app.Clock.Advance(20 * Second - TimeSpan.FromMilliseconds(1));
        Assert.False(stopping.IsCompleted);
        app.Clock.Advance(TimeSpan.FromMilliseconds(1));
        await stopping.WaitAsync(HeldCall.Patience);

        var begun = Assert.IsType<QueueShutdownException>(await inWork.FailureAsync());
        Assert.Equal(("reports", true), (begun.QueueName, begun.WasBegun));
        Assert.Equal(
            "Queue 'reports' shuts down, and the request was begun but not finished: it may have had an effect. Do it elsewhere, or keep it for later.",
            begun.Message);
        var untouched = Assert.IsType<QueueShutdownException>(await waiting.FailureAsync());
        Assert.False(untouched.WasBegun);
        Assert.Equal("Queue 'reports' shuts down, and the request was not begun. Do it elsewhere, or keep it for later.", untouched.Message);
        Assert.Equal(2, app.Now.HandedBack);
        QueueApp.AssertNothingVanished(app.Now);
        Assert.Equal("Warning: Queue 'reports' handed back 2 items that it could not finish; 1 of them had started", Shutdown(app)[^1]);
        await QueueApp.WaitAsync(() => !inWork.IsInWork, () => "The work is not told by its token.");
        Assert.Equal(0, waiting.Runs);
    }

    [Fact]
    public async Task Stop_does_not_wait_for_work_that_does_not_heed_its_token_and_passes_over_its_late_result()
    {
        await using var app = await QueueApp.StartedAsync(o => o.DrainTimeout = TimeSpan.Zero);
        var release = new TaskCompletionSource<IDisposable>();
        var late = new Disposable();
        var begun = new TaskCompletionSource();
        var result = app.Queue.ExecuteAsync(_ => { begun.SetResult(); return new ValueTask<IDisposable>(release.Task); });
        await begun.Task.WaitAsync(HeldCall.Patience);

        await app.StopAsync().WaitAsync(HeldCall.Patience);

        await Assert.ThrowsAsync<QueueShutdownException>(() => result);
        release.SetResult(late);
        await QueueApp.WaitAsync(() => late.IsDisposed, () => "The late result is not freed.");
        Assert.Equal((0, 1), (app.Now.Completed, app.Now.HandedBack));
    }

    [Fact]
    public async Task Stop_ends_with_the_patience_of_the_host()
    {
        await using var app = await QueueApp.StartedAsync();
        var item = new HeldItem().EnqueueTo(app.Queue);
        await QueueApp.WaitAsync(() => item.IsInWork, () => app.Now.ToString());
        using var host = new CancellationTokenSource();

        var stopping = app.StopAsync(host.Token);
        Assert.False(stopping.IsCompleted);
        await host.CancelAsync();

        await stopping.WaitAsync(HeldCall.Patience);
        Assert.IsType<QueueShutdownException>(await item.FailureAsync());
    }

    [Fact]
    public async Task Stop_work_that_is_handed_back_before_it_was_begun_never_is()
    {
        var pipeline = new Held();
        await using var app = await QueueApp.StartedAsync(
            o => o.DrainTimeout = TimeSpan.Zero,
            builder => builder.Services.AddResiliencePipeline(QueueApp.Name, polly => polly.AddStrategy(_ => pipeline, new Options())),
            TimeProvider.System); // Polly waits by the clock for calls that are not quite over when it is disposed of
        var item = new HeldItem().EnqueueTo(app.Queue);
        await QueueApp.WaitAsync(() => pipeline.Calls == 1, () => app.Now.ToString()); // in work, and not begun

        await app.StopAsync().WaitAsync(HeldCall.Patience);
        pipeline.Release();
        await QueueApp.WaitAsync(() => pipeline.Ended == 1, () => "The pipeline goes on.");

        Assert.False(Assert.IsType<QueueShutdownException>(await item.FailureAsync()).WasBegun);
        Assert.Equal(0, item.Runs);
    }

    [Fact]
    public async Task Stop_lets_nobody_in_any_more_and_sends_those_away_that_wait_for_room()
    {
        await using var app = await QueueApp.StartedAsync(o => (o.Capacity, o.Workers) = (1, 1));
        var items = Enumerable.Range(0, 3).Select(i => new HeldItem(i).EnqueueTo(app.Queue)).ToList();
        await app.UntilAsync(now => now.Running == 1);

        var stopping = app.StopAsync();

        // Of the last two one may have been let in when the first went to work, in order.
        await Assert.ThrowsAsync<QueueShutdownException>(() => app.Queue.ExecuteAsync(_ => default));
        var refused = Assert.IsType<QueueShutdownException>(await items[2].FailureAsync());
        Assert.False(refused.WasBegun);
        Assert.Equal((2, 2, 0), (app.Now.Accepted, app.Now.Rejected, app.Now.WaitingForRoom));
        foreach (var item in items.Take(2))
        {
            await QueueApp.WaitAsync(() => item.IsInWork, () => app.Now.ToString());
            item.Complete();
        }

        await stopping.WaitAsync(HeldCall.Patience);
        Assert.Equal(2, app.Now.Completed);
    }

    [Fact(Timeout = 60_000)]
    public async Task Stop_an_item_that_always_meets_saturation_is_tried_until_the_end_and_handed_back()
    {
        await using var app = await QueueApp.StartedAsync(o => (o.Workers, o.DrainTimeout) = (1, TimeSpan.FromHours(1)));
        var runs = 0;
        var item = app.Queue.ExecuteAsync(_ => { Interlocked.Increment(ref runs); throw new PoolTimeoutException("no room"); });
        await app.UntilAsync(now => now.PausedWorkers == 1);

        // In small steps: a worker that rests tells so before its timer is set.
        var stopping = app.StopAsync();
        while (Volatile.Read(ref runs) < 3)
        {
            TestContext.Current.CancellationToken.ThrowIfCancellationRequested();
            app.Clock.Advance(TimeSpan.FromMilliseconds(1));
            await Task.Yield();
        }

        app.Clock.Advance(TimeSpan.FromHours(1));
        await stopping.WaitAsync(HeldCall.Patience);
        Assert.True((await Assert.ThrowsAsync<QueueShutdownException>(() => item)).WasBegun);
        QueueApp.AssertNothingVanished(app.Now);
    }

    [Fact]
    public async Task Stop_before_the_start_hands_back_at_once()
    {
        await using var app = new QueueApp();
        var item = new HeldItem().EnqueueTo(app.Queue);

        await app.StopAsync().WaitAsync(HeldCall.Patience);

        Assert.IsType<QueueShutdownException>(await item.FailureAsync());
        Assert.Equal(1, app.Now.HandedBack);
    }

    [Fact]
    public async Task Stop_twice_and_an_empty_queue_are_nothing_special()
    {
        await using var app = await QueueApp.StartedAsync();
        await app.StopAsync().WaitAsync(HeldCall.Patience);
        await app.StopAsync().WaitAsync(HeldCall.Patience);
        Assert.Empty(Shutdown(app));
        Assert.Equal(0, app.Now.Accepted);
    }

    [Fact]
    public async Task Dispose_without_a_stop_hands_back()
    {
        var app = new QueueApp();
        var queue = app.Queue;
        var item = new HeldItem().EnqueueTo(queue);

        await app.DisposeAsync();

        Assert.IsType<QueueShutdownException>(await item.FailureAsync());
        await Assert.ThrowsAsync<QueueShutdownException>(() => queue.ExecuteAsync(_ => default));
        QueueApp.AssertNothingVanished(queue.GetSnapshot());
    }

    [Fact]
    public async Task Shutdown_says_nothing_about_the_dependency_and_is_a_place_to_degrade()
    {
        await using var app = new QueueApp(more: builder => builder.AddPipeline("outer"));
        await app.StopAsync();
        var outer = app.Services.GetRequiredKeyedService<ResiliencePipeline>("outer");
        var attempts = 0;

        await Assert.ThrowsAsync<QueueShutdownException>(async () => await outer.ExecuteAsync(async token =>
        {
            attempts++;
            await app.Queue.ExecuteAsync(_ => default, token);
        }));

        Assert.Equal(1, attempts);
        Assert.Equal(0, app.Services.GetRequiredService<IResilienceMonitor>().GetSnapshot("outer").CircuitBreaker.FailureCount);
        Assert.IsAssignableFrom<ApiConnectionException>(new QueueShutdownException("gone"));
    }

    private static List<string> Shutdown(QueueApp app) =>
        [.. app.Log.Lines.Where(line => line.Contains("shuts down", StringComparison.Ordinal) || line.Contains("handed back", StringComparison.Ordinal))];

    private sealed class Disposable : IDisposable
    {
        private int _disposed;

        public bool IsDisposed => Volatile.Read(ref _disposed) == 1;

        public void Dispose() => Volatile.Write(ref _disposed, 1);
    }

    /// <summary>Lets a call through when the test says so, whatever its token says.</summary>
    private sealed class Held : ResilienceStrategy
    {
        private readonly TaskCompletionSource _release = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private int _calls;
        private int _ended;

        public int Calls => Volatile.Read(ref _calls);

        public int Ended => Volatile.Read(ref _ended);

        public void Release() => _release.SetResult();

        protected override async ValueTask<Outcome<TResult>> ExecuteCore<TResult, TState>(
            Func<ResilienceContext, TState, ValueTask<Outcome<TResult>>> callback, ResilienceContext context, TState state)
        {
            Interlocked.Increment(ref _calls);
            await _release.Task;
            var outcome = await callback(context, state);
            Interlocked.Increment(ref _ended);
            return outcome;
        }
    }

    private sealed class Options : ResilienceStrategyOptions;
}
