namespace Resilience.Polly.Tests.Bulkheads;

/// <summary>A pipeline with adaptive slots, and windows of attempts as a test wants them.</summary>
internal sealed class AdaptiveApp : IAsyncDisposable
{
    public AdaptiveApp(Action<BulkheadOptions> configure, params IResilienceListener[] listeners)
    {
        App = TestPipelines.Of(
            o =>
            {
                (o.Retry.MaxAttempts, o.CircuitBreaker.Mode) = (1, CircuitBreakerMode.Disabled);
                o.Bulkhead.AcquisitionTimeout = TimeSpan.Zero;
                configure(o.Bulkhead);
            },
            listeners: listeners);
        _ = App.Pipeline; // made now, so that the first window begins now
    }

    public TestPipelines App { get; }

    public int Limit => App.Snapshot.Bulkhead.Limit;

    public LimitChangedEvent? LastChange => App.Snapshot.Bulkhead.LastLimitChange;

    /// <summary>A second in which this many calls are inside at once, take as long as told, and end as told.</summary>
    /// <returns>The slots after it.</returns>
    public async Task<int> WindowAsync(int calls, double milliseconds = 100, int failures = 0, int givenUp = 0)
    {
        App.Clock.Advance(TimeSpan.FromMilliseconds(1_000 - milliseconds));
        HeldCall[] held = [.. Enumerable.Range(0, calls).Select(_ => new HeldCall(App.Pipeline, heedsToken: true))];
        App.Clock.Advance(TimeSpan.FromMilliseconds(milliseconds) - TimeSpan.FromTicks(1));
        foreach (var (number, call) in held.Index())
        {
            if (number == calls - 1)
            {
                App.Clock.Advance(TimeSpan.FromTicks(1)); // the last one ends the window, and all are in it
            }

            if (number < givenUp)
            {
                call.Cancel();
            }
            else if (number < failures)
            {
                call.Fail(new TimeoutException());
            }
            else
            {
                call.Answer();
            }

            await call.Ended.WaitAsync(HeldCall.Patience).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            call.Dispose();
        }

        return Limit;
    }

    public ValueTask DisposeAsync() => App.DisposeAsync();
}
