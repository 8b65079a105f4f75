using Polly;
using Polly.Timeout;
using static Resilience.Polly.TestKit.Dependency;

namespace Resilience.Polly.Tests.Timeouts;

public class TimeoutTests
{
    private static async ValueTask<int> HangAsync(CancellationToken token)
    {
        await Task.Delay(Timeout.Infinite, token);
        return 0;
    }

    private static async Task<Exception> FailureOfAsync(Task call) => await Assert.ThrowsAnyAsync<Exception>(() => call);

    [Fact]
    public async Task Attempt_a_delegate_gets_the_read_timeout()
    {
        await using var app = TestPipelines.Of(o => (o.Retry.MaxAttempts, o.Timeout.Read) = (1, TimeSpan.FromSeconds(7)));
        var call = app.Pipeline.ExecuteAsync(HangAsync).AsTask();
        app.Clock.Advance(TimeSpan.FromSeconds(7) - TimeSpan.FromMilliseconds(1));
        Assert.False(call.IsCompleted);
        app.Clock.Advance(TimeSpan.FromMilliseconds(1));
        var timeout = Assert.IsType<ApiTimeoutException>(await FailureOfAsync(call));
        Assert.Equal((TimeoutPhase.Attempt, TimeSpan.FromSeconds(7), 1), (timeout.Phase, timeout.Limit, timeout.Attempts));
        Assert.IsType<TimeoutRejectedException>(timeout.InnerException);
        Assert.Equal(1, app.Snapshot.Calls.TimedOut);
    }

    [Fact]
    public async Task Attempt_set_takes_precedence_over_read()
    {
        await using var app = TestPipelines.Of(o =>
        {
            o.Retry.MaxAttempts = 1;
            o.Timeout.Attempt = TimeSpan.FromMilliseconds(1); // below the 10 ms at which Polly's own range begins
        });
        var call = app.Pipeline.ExecuteAsync(HangAsync).AsTask();
        app.Clock.Advance(TimeSpan.FromMilliseconds(1));
        Assert.Equal(TimeSpan.FromMilliseconds(1), Assert.IsType<ApiTimeoutException>(await FailureOfAsync(call)).Limit);
    }

    [Theory]
    [InlineData(0.0, new[] { 10, 10, 10 })]
    [InlineData(0.5, new[] { 10, 15, 20 })] // the guide's 1x, 1.5x, 2x
    [InlineData(1.0, new[] { 10, 20, 30 })]
    public async Task ProgressiveStep_lengthens_each_attempt(double step, int[] seconds)
    {
        await using var app = TestPipelines.Of(o =>
        {
            o.Timeout.Read = TimeSpan.FromSeconds(10);
            o.Timeout.ProgressiveStep = step;
            o.Retry.MinWait = TimeSpan.Zero;
        });
        using var started = new SemaphoreSlim(0);
        var call = app.Pipeline.ExecuteAsync(token =>
        {
            started.Release();
            return HangAsync(token);
        }).AsTask();
        foreach (var limit in seconds)
        {
            await started.WaitAsync(TimeSpan.FromSeconds(30));
            app.Clock.Advance(TimeSpan.FromSeconds(limit) - TimeSpan.FromMilliseconds(1));
            Assert.Equal((0, false), (started.CurrentCount, call.IsCompleted));
            app.Clock.Advance(TimeSpan.FromMilliseconds(1));
        }

        Assert.Equal(TimeSpan.FromSeconds(seconds[^1]), Assert.IsType<ApiTimeoutException>(await FailureOfAsync(call)).Limit);
    }

    [Fact]
    public async Task ProgressiveStep_lengthens_no_attempt_beyond_a_day()
    {
        await using var app = TestPipelines.Of(o =>
        {
            o.Timeout.Attempt = TimeSpan.FromDays(1);
            o.Timeout.ProgressiveStep = 10;
            o.Retry.MinWait = TimeSpan.Zero;
            o.Retry.MaxAttempts = 100;
        });
        var attempts = 0;
        var call = app.Pipeline.ExecuteAsync(token => ++attempts < 100 ? throw new TimeoutException() : HangAsync(token)).AsTask();
        app.Clock.Advance(TimeSpan.FromDays(1));
        Assert.Equal(TimeSpan.FromDays(1), Assert.IsType<ApiTimeoutException>(await FailureOfAsync(call)).Limit);
    }

    [Fact]
    public async Task Attempt_infinite_in_code_never_ends_an_attempt()
    {
        await using var app = TestPipelines.Of(o => o.Timeout.Read = Timeout.InfiniteTimeSpan);
        using var caller = new CancellationTokenSource();
        var call = app.Pipeline.ExecuteAsync(HangAsync, caller.Token).AsTask();
        app.Clock.Advance(TimeSpan.FromDays(10));
        Assert.False(call.IsCompleted);
        await caller.CancelAsync();
        Assert.IsAssignableFrom<OperationCanceledException>(await FailureOfAsync(call));
    }

    [Fact]
    public async Task Total_ends_a_hanging_attempt()
    {
        await using var app = TestPipelines.Of(o => o.Timeout.Total = TimeSpan.FromSeconds(3));
        var call = app.Pipeline.ExecuteAsync(HangAsync).AsTask();
        app.Clock.Advance(TimeSpan.FromSeconds(3));
        var timeout = Assert.IsType<ApiTimeoutException>(await FailureOfAsync(call));
        Assert.Equal((TimeoutPhase.Total, TimeSpan.FromSeconds(3), 1), (timeout.Phase, timeout.Limit, timeout.Attempts));
        Assert.Equal(1, app.Snapshot.CircuitBreaker.FailureCount);
        Assert.Equal((0, 1L), (app.Snapshot.Bulkhead.InUse, app.Snapshot.Calls.TimedOut));
    }

    [Fact]
    public async Task Total_equal_to_the_attempt_timeout_is_still_told_apart()
    {
        await using var app = TestPipelines.Of(o =>
        {
            o.Timeout.Total = TimeSpan.FromSeconds(4);
            o.Timeout.Attempt = TimeSpan.FromSeconds(3);
            o.Retry.MaxAttempts = 1;
        });
        var call = app.Pipeline.ExecuteAsync(HangAsync).AsTask();
        app.Clock.Advance(TimeSpan.FromSeconds(3));
        Assert.Equal(TimeoutPhase.Attempt, Assert.IsType<ApiTimeoutException>(await FailureOfAsync(call)).Phase);
    }

    [Fact]
    public async Task Total_includes_the_wait_for_a_slot()
    {
        await using var app = TestPipelines.Of(o =>
        {
            o.Timeout.Total = TimeSpan.FromSeconds(2);
            o.Bulkhead.MaxConcurrency = 1;
        });
        var gate = new TaskCompletionSource();
        var holder = app.Pipeline.ExecuteAsync(async _ => await gate.Task).AsTask();
        var call = app.Pipeline.ExecuteAsync(HangAsync).AsTask();
        app.Clock.Advance(TimeSpan.FromSeconds(2));
        var timeout = Assert.IsType<ApiTimeoutException>(await FailureOfAsync(call));
        Assert.Equal((TimeoutPhase.Total, 0), (timeout.Phase, timeout.Attempts));
        Assert.Equal((0, 0), (app.Snapshot.Bulkhead.Waiting, app.Snapshot.CircuitBreaker.FailureCount));
        gate.SetResult();
        await holder;
    }

    [Fact]
    public async Task Total_a_wait_that_would_outlast_it_is_not_begun()
    {
        await using var app = TestPipelines.Of(o =>
        {
            o.Timeout.Total = TimeSpan.FromSeconds(1);
            o.Retry.Jitter = false;
        });
        var outcome = await new Dependency(Fails()).ThroughAsync(app.Pipeline); // no time passes
        Assert.Equal(1, Assert.IsType<ApiConnectionException>(outcome.Exception).Attempts);
    }

    [Fact]
    public async Task Call_can_bring_its_own_attempt_timeout()
    {
        await using var app = TestPipelines.Of(o => o.Retry.MaxAttempts = 1);
        var call = WithAttemptTimeout(app, TimeSpan.FromSeconds(2));
        app.Clock.Advance(TimeSpan.FromSeconds(2));
        Assert.Equal(TimeSpan.FromSeconds(2), Assert.IsType<ApiTimeoutException>(await FailureOfAsync(call)).Limit);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-5)]
    [InlineData(86_400_001)]
    public async Task Call_with_an_attempt_timeout_out_of_range_fails_before_anything_is_done(int milliseconds)
    {
        await using var app = TestPipelines.Of(_ => { });
        var failure = await FailureOfAsync(WithAttemptTimeout(app, TimeSpan.FromMilliseconds(milliseconds)));
        Assert.Contains("00:00:00.0010000 to 1.00:00:00", Assert.IsType<ArgumentOutOfRangeException>(failure).Message);
        Assert.Equal((0L, 0), (app.Snapshot.Calls.Total, app.Snapshot.Bulkhead.Peak));
    }

    private static async Task WithAttemptTimeout(TestPipelines app, TimeSpan timeout)
    {
        var context = ResilienceContextPool.Shared.Get();
        context.Properties.Set(CallProperties.AttemptTimeout, timeout);
        context.Properties.Set(CallProperties.RequestId, "order-17");
        try
        {
            await app.Pipeline.ExecuteAsync(async c => await HangAsync(c.CancellationToken), context);
        }
        catch (ApiCallException exception)
        {
            Assert.Equal("order-17", exception.RequestId);
            throw;
        }
        finally
        {
            ResilienceContextPool.Shared.Return(context);
        }
    }
}
