namespace Resilience.Polly.Tests.Bulkheads;

/// <summary>How long a call holds its slot, and that it always gives it back.</summary>
public class BulkheadSlotTests
{
    public enum Ending
    {
        Success,
        Exception,
        SynchronousThrow,
        Cancellation,
        AttemptTimeout,
        TotalTimeout,
        OpenCircuit,
    }

    public static TheoryData<Ending> Endings => [.. Enum.GetValues<Ending>()];

    [Fact]
    public async Task Execute_retried_call_holds_its_slot_through_attempts_and_waits()
    {
        await using var app = BulkheadApp.Of(limit: 1, TimeSpan.FromMinutes(1), more: options =>
        {
            options.Retry.MaxAttempts = 3;
            options.Retry.MinWait = options.Retry.MaxWait = TimeSpan.FromSeconds(1);
            options.Retry.Jitter = false;
        });
        using var retried = app.Start();
        using var waiter = app.Start();
        for (var attempt = 1; attempt < 3; attempt++)
        {
            await retried.AttemptStartedAsync();
            app.AssertSlots(inUse: 1, waiting: 1, peak: 1);
            retried.Fail(new TimeoutException());
            app.AssertSlots(inUse: 1, waiting: 1, peak: 1);
            app.Clock.Advance(TimeSpan.FromSeconds(1));
        }

        await retried.AttemptStartedAsync();
        app.AssertSlots(inUse: 1, waiting: 1, peak: 1);
        Assert.Equal(0, waiter.Attempts);
        await retried.FinishAsync();

        await waiter.AttemptStartedAsync();
        await waiter.FinishAsync();
        app.AssertSlots(inUse: 0, waiting: 0, peak: 1);
    }

    [Theory]
    [MemberData(nameof(Endings))]
    public async Task Execute_call_that_ends_in_any_way_gives_its_slot_back(Ending end)
    {
        await using var app = BulkheadApp.Of(limit: 1, more: options =>
        {
            options.Timeout.Attempt = TimeSpan.FromSeconds(2);
            options.Timeout.Total = end == Ending.TotalTimeout ? TimeSpan.FromSeconds(1) : null;
        });
        await EndAsync(app, end);
        app.AssertSlots(inUse: 0, waiting: 0, peak: 1);

        app.Control.Reset(TestPipelines.Name);
        using var next = app.Start();
        Assert.Equal(1, next.Attempts);
    }

    private static async Task EndAsync(TestPipelines app, Ending end)
    {
        if (end == Ending.SynchronousThrow)
        {
            await Assert.ThrowsAsync<FormatException>(async () => await app.Pipeline.ExecuteAsync(Throw));
            return;
        }

        if (end == Ending.OpenCircuit)
        {
            app.Control.Isolate(TestPipelines.Name);
        }

        using var call = new HeldCall(app.Pipeline, heedsToken: true);
        app.AssertSlots(inUse: end == Ending.OpenCircuit ? 0 : 1, waiting: 0, peak: 1);
        switch (end)
        {
            case Ending.Success: call.Answer(); break;
            case Ending.Exception: call.Fail(new FormatException()); break;
            case Ending.Cancellation: call.Cancel(); break;
            case Ending.TotalTimeout: app.Clock.Advance(TimeSpan.FromSeconds(1)); break;
            case Ending.AttemptTimeout: app.Clock.Advance(TimeSpan.FromSeconds(2)); break;
        }

        var expected = end switch
        {
            Ending.Success => null,
            Ending.Exception => typeof(FormatException),
            Ending.Cancellation => typeof(OperationCanceledException),
            Ending.OpenCircuit => typeof(CircuitOpenException),
            _ => typeof(ApiTimeoutException),
        };
        Assert.Equal(expected, (await call.FailureAsync())?.GetType());

        static ValueTask Throw(CancellationToken cancellationToken) => throw new FormatException();
    }
}
