namespace Resilience.Polly.Tests.Bulkheads;

/// <summary>Who gets in, who waits, and what waiting leaves behind.</summary>
public class BulkheadTests
{
    private static readonly TimeSpan Acquisition = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan Tick = TimeSpan.FromTicks(1);

    [Fact]
    public async Task Execute_full_bulkhead_serves_waiters_first_come_first_served()
    {
        await using var app = BulkheadApp.Of(limit: 1);
        var inside = app.Start();
        var line = Enumerable.Range(0, 5).Select(_ => app.Start()).ToList();
        app.AssertSlots(inUse: 1, waiting: 5, peak: 1);

        for (var next = 0; next < 5; next++)
        {
            await inside.FinishAsync();
            inside = line[next];
            await inside.AttemptStartedAsync();
            line.Add(app.Start()); // a newcomer waits behind those who do already
            Assert.All(line[(next + 1)..], call => Assert.Equal(0, call.Attempts));
            app.AssertSlots(inUse: 1, waiting: 5, peak: 1);
        }
    }

    [Fact]
    public async Task Execute_waiter_times_out_leaves_no_trace_and_loses_no_slot()
    {
        await using var app = BulkheadApp.Of(limit: 1, Acquisition);
        using var inside = app.Start();
        using var impatient = app.Start();
        app.Clock.Advance(TimeSpan.FromSeconds(2));
        using var next = app.Start();

        app.Clock.Advance(TimeSpan.FromSeconds(3) - Tick);
        app.AssertSlots(inUse: 1, waiting: 2, peak: 1);
        app.Clock.Advance(Tick);
        app.AssertSlots(inUse: 1, waiting: 1, peak: 1);
        await impatient.AssertRejectedAsync();

        await inside.FinishAsync();
        await next.AttemptStartedAsync();
        app.Clock.Advance(Acquisition); // the time to wait for a slot is over for a call that has one
        await next.FinishAsync();
        app.AssertSlots(inUse: 0, waiting: 0, peak: 1);
    }

    [Fact]
    public async Task Execute_waiter_is_cancelled_leaves_no_trace_and_loses_no_slot()
    {
        await using var app = BulkheadApp.Of(limit: 1);
        using var inside = app.Start();
        using var quitter = app.Start();
        using var next = app.Start();

        quitter.Cancel();
        app.AssertSlots(inUse: 1, waiting: 1, peak: 1);
        var cancelled = Assert.IsAssignableFrom<OperationCanceledException>(await Record.ExceptionAsync(() => quitter.Ended));
        Assert.Equal(quitter.CallerToken, cancelled.CancellationToken);
        Assert.Equal(0, quitter.Attempts);

        await inside.FinishAsync();
        await next.AttemptStartedAsync();
        await next.FinishAsync();
        app.AssertSlots(inUse: 0, waiting: 0, peak: 1);
    }

    [Fact]
    public async Task Execute_cancelled_before_the_wait_does_not_join_the_line()
    {
        await using var app = BulkheadApp.Of(limit: 1);
        using var inside = app.Start();
        using var cancelled = new HeldCall(app.Pipeline, isCancelled: true);
        Assert.True(cancelled.Ended.IsCanceled);
        Assert.Equal(0, cancelled.Attempts);
        app.AssertSlots(inUse: 1, waiting: 0, peak: 1);
    }
}
