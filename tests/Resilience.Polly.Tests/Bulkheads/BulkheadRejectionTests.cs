namespace Resilience.Polly.Tests.Bulkheads;

/// <summary>Who is turned away, and what with.</summary>
public class BulkheadRejectionTests
{
    private static readonly TimeSpan Acquisition = TimeSpan.FromSeconds(5);

    [Fact]
    public async Task Execute_acquisition_timeout_zero_never_waits()
    {
        await using var app = BulkheadApp.Of(limit: 2, TimeSpan.Zero);
        using var first = app.Start();
        using var second = app.Start();
        using var third = app.Start();
        Assert.True(third.Ended.IsCompleted);
        await third.AssertRejectedAsync();
        app.AssertSlots(inUse: 2, waiting: 0, peak: 2);

        await first.FinishAsync();
        using var fourth = app.Start();
        Assert.Equal(1, fourth.Attempts);
    }

    [Fact]
    public async Task Execute_queue_is_full_rejects_at_once_and_says_so()
    {
        await using var app = BulkheadApp.Of(limit: 1, maxQueue: 2);
        using var inside = app.Start();
        using var first = app.Start();
        using var second = app.Start();
        using var third = app.Start();
        Assert.True(third.Ended.IsCompleted);
        Assert.Contains("2 calls wait for one of 1 slots already", (await third.AssertRejectedAsync()).Message, StringComparison.Ordinal);

        first.Cancel();
        using var fourth = app.Start();
        Assert.False(fourth.Ended.IsCompleted);
        app.AssertSlots(inUse: 1, waiting: 2, peak: 1);
    }

    [Fact]
    public async Task Execute_queue_of_zero_lets_calls_in_but_lets_none_wait()
    {
        await using var app = BulkheadApp.Of(limit: 1, maxQueue: 0);
        using var inside = app.Start();
        Assert.Equal(1, inside.Attempts);
        using var next = app.Start();
        Assert.True(next.Ended.IsCompleted);
        await next.AssertRejectedAsync();
    }

    [Fact]
    public async Task Execute_no_slot_in_time_throws_with_the_pipeline_the_phase_and_the_limit()
    {
        await using var app = BulkheadApp.Of(limit: 1, Acquisition);
        using var inside = app.Start();
        using var waiter = app.Start();
        app.Clock.Advance(Acquisition);

        var rejection = await waiter.AssertRejectedAsync();
        Assert.Equal(TestPipelines.Name, rejection.PipelineName);
        Assert.Equal(TimeoutPhase.Pool, rejection.Phase);
        Assert.Equal(Acquisition, rejection.Limit);
        Assert.Equal(0, rejection.Attempts);
        Assert.Contains("none of 1 slots became free within 5 s", rejection.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Execute_rejected_by_the_bulkhead_never_reaches_the_circuit()
    {
        await using var app = BulkheadApp.Of(limit: 1, TimeSpan.Zero, more: options => options.CircuitBreaker.FailureThreshold = 1);
        using var inside = app.Start();
        using var rejected = app.Start();
        await rejected.AssertRejectedAsync();
        Assert.Equal(0, app.Snapshot.CircuitBreaker.FailureCount);
        Assert.Null(app.Snapshot.CircuitBreaker.LastTransition);

        app.Control.Isolate(TestPipelines.Name);
        using var rejectedBeforeTheCircuit = app.Start();
        await rejectedBeforeTheCircuit.AssertRejectedAsync();
        Assert.Equal(0, app.Snapshot.Calls.CircuitOpen);
        Assert.Equal(2, app.Snapshot.Calls.BulkheadFull);
    }
}
