using Polly;

namespace Resilience.Polly.Tests.Failures;

/// <summary>An attempt that ended by a cancellation that is not the caller's has hit a limit of its own: a timeout.</summary>
public class ForeignCancellationTests
{
    private static TestPipelines App(Action<PipelineOptions>? more = null) => TestPipelines.Of(o =>
    {
        (o.Retry.MaxAttempts, o.Retry.MinWait, o.CircuitBreaker.FailureThreshold) = (2, TimeSpan.Zero, 2);
        more?.Invoke(o);
    });

    /// <summary>A delegate that gives its dependency less time than the pipeline does.</summary>
    private static async ValueTask<int> HangAsync(CancellationToken token)
    {
        using var own = CancellationTokenSource.CreateLinkedTokenSource(token);
        var hang = Task.Delay(Timeout.Infinite, own.Token);
        await own.CancelAsync();
        await hang;
        return 0;
    }

    [Fact]
    public async Task Limit_of_the_delegate_is_a_timeout_retried_and_opens_the_circuit()
    {
        await using var app = App();
        var made = 0;
        ValueTask<int> Hang(CancellationToken token)
        {
            made++;
            return HangAsync(token);
        }

        var seen = await Assert.ThrowsAsync<ApiTimeoutException>(async () => await app.Pipeline.ExecuteAsync(Hang));
        Assert.Equal((TimeoutPhase.Attempt, null, 2), (seen.Phase, seen.Limit, seen.Attempts));
        Assert.IsType<OperationCanceledException>(seen.InnerException, exactMatch: false);
        await Assert.ThrowsAsync<ApiTimeoutException>(async () => await app.Pipeline.ExecuteAsync(Hang));
        await Assert.ThrowsAsync<CircuitOpenException>(async () => await app.Pipeline.ExecuteAsync(Hang));
        Assert.Equal((4, 2, 0), (made, app.Snapshot.Calls.TimedOut, app.Snapshot.Calls.Cancelled));
    }

    [Fact]
    public async Task Limit_of_the_delegate_has_a_fallback()
    {
        await using var app = App();
        Assert.Equal(7, await app.Pipeline.ExecuteWithFallbackAsync(HangAsync, (_, _) => new ValueTask<int>(7)));
    }

    [Fact]
    public async Task Limit_of_the_delegate_reaches_the_caller_as_it_is_without_mapping()
    {
        await using var app = App(o => o.MapExceptions = false);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await app.Pipeline.ExecuteAsync(HangAsync));
        Assert.Equal(1, app.Snapshot.Calls.TimedOut);
    }

    [Fact]
    public async Task Rule_can_say_that_a_cancellation_is_none_of_the_dependency()
    {
        await using var app = App(o => o.Failures.Add(new OwnReasons()));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await app.Pipeline.ExecuteAsync(HangAsync));
        Assert.Equal((1, 0), (app.Snapshot.Calls.Cancelled, app.Snapshot.CircuitBreaker.FailureCount));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Cancellation_of_the_caller_stays_the_callers(bool withTotal)
    {
        await using var app = App(o => o.Timeout.Total = withTotal ? TimeSpan.FromMinutes(1) : null);
        using var caller = new CancellationTokenSource();
        var call = app.Pipeline.ExecuteAsync(async token => await Task.Delay(Timeout.Infinite, token), caller.Token).AsTask();
        await caller.CancelAsync();
        var seen = await Assert.ThrowsAnyAsync<OperationCanceledException>(() => call);
        Assert.Equal(caller.Token, seen.CancellationToken);
        Assert.Equal((1, 0), (app.Snapshot.Calls.Cancelled, app.Snapshot.CircuitBreaker.FailureCount));
    }

    [Fact]
    public async Task Timeout_that_cancelled_the_token_too_counts_as_one_and_is_not_repeated()
    {
        // HttpClient cancels the token that it made of the caller's. What knows that says so with a TimeoutException inside.
        await using var app = App();
        using var linked = new CancellationTokenSource();
        var made = 0;
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await app.Pipeline.ExecuteAsync<int>(
            async token =>
            {
                made++;
                await linked.CancelAsync();
                throw new TaskCanceledException("", new TimeoutException(), token);
            },
            linked.Token));
        Assert.Equal((1, 1, 1), (made, app.Snapshot.Calls.TimedOut, app.Snapshot.CircuitBreaker.FailureCount));
    }

    private sealed class OwnReasons : IFailureClassifier
    {
        public FailureKind? ClassifyException(Exception exception) => exception is OperationCanceledException ? FailureKind.Unrelated : null;
    }
}
