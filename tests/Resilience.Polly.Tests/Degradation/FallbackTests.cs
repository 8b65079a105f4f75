using System.Net;
using System.Net.Sockets;
using Polly;
using static Resilience.Polly.TestKit.Dependency;

namespace Resilience.Polly.Tests.Degradation;

public class FallbackTests
{
    public static TheoryData<Type, Func<int>> Infrastructure =>
        new()
        {
            { typeof(ApiConnectionException), Fails() },
            { typeof(ApiTimeoutException), Throws(new TimeoutException()) },
            { typeof(ApiUnavailableException), Answers(HttpStatusCode.ServiceUnavailable) },
            { typeof(ApiConnectionException), Throws(new ApiConnectionException("made by the delegate")) },
        };

    [Theory]
    [MemberData(nameof(Infrastructure))]
    public async Task Fallback_infrastructure_runs_and_is_told_the_failure(Type failure, Func<int> attempt)
    {
        await using var app = TestPipelines.Of(Quick);
        ApiConnectionException? told = null;

        var result = await app.Pipeline.ExecuteWithFallbackAsync(
            new Dependency(attempt).CallAsync,
            (exception, _) =>
            {
                told = exception;
                return new(7);
            });

        Assert.Equal(7, result);
        Assert.IsType(failure, told);
        Assert.Equal((1L, 1L, 1L), (app.Snapshot.Calls.Degraded, app.Snapshot.Lifetime.Degraded, app.Snapshot.Calls.Total));
    }

    public static TheoryData<Exception> Business =>
    [
        new InvalidOperationException("business"),
        new HttpRequestException("answered", null, HttpStatusCode.NotFound),
        new HttpRequestException("answered", null, HttpStatusCode.Conflict),
    ];

    [Theory]
    [MemberData(nameof(Business))]
    public async Task Fallback_other_exceptions_does_not_run_and_they_pass_as_without_it(Exception exception)
    {
        await using var app = TestPipelines.Of(Quick);
        var without = (await new Dependency(Throws(exception)).ThroughAsync(app.Pipeline)).Exception!;

        var with = await Assert.ThrowsAnyAsync<Exception>(async () =>
            await app.Pipeline.ExecuteWithFallbackAsync(new Dependency(Throws(exception)).CallAsync, Never));

        Assert.Equal((without.GetType(), without.Message), (with.GetType(), with.Message));
        Assert.Equal(0, app.Snapshot.Calls.Degraded);
    }

    [Fact]
    public async Task Fallback_business_exception_keeps_its_stack()
    {
        await using var app = TestPipelines.Of(Quick);

        var exception = await Assert.ThrowsAsync<InvalidOperationException>(async () =>
            await app.Pipeline.ExecuteWithFallbackAsync(DeepInTheBusinessAsync, 7));

        Assert.Contains(nameof(DeepInTheBusinessAsync), exception.StackTrace, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Fallback_the_callers_own_cancellation_does_not_run(bool isCancelledBefore)
    {
        await using var app = TestPipelines.Of(Quick);
        using var caller = new CancellationTokenSource();
        if (isCancelledBefore)
        {
            await caller.CancelAsync();
        }

        var call = app.Pipeline.ExecuteWithFallbackAsync(
            async token =>
            {
                await Task.Delay(Timeout.Infinite, token);
                return 1;
            },
            Never,
            caller.Token).AsTask();
        await caller.CancelAsync();

        Assert.Equal(caller.Token, (await Assert.ThrowsAnyAsync<OperationCanceledException>(() => call)).CancellationToken);
        Assert.Equal(0, app.Snapshot.Calls.Degraded);
    }

    [Fact]
    public async Task Fallback_failure_after_the_caller_gave_up_does_not_run()
    {
        await using var app = TestPipelines.Of(Quick);
        using var caller = new CancellationTokenSource();

        await Assert.ThrowsAsync<OperationCanceledException>(async () => await app.Pipeline.ExecuteWithFallbackAsync(
            async _ =>
            {
                await caller.CancelAsync();
                throw new SocketException((int)SocketError.ConnectionReset);
#pragma warning disable CS0162 // gives the lambda its result type
                return 1;
#pragma warning restore CS0162
            },
            Never,
            caller.Token));
    }

    [Fact]
    public async Task Fallback_that_throws_reaches_the_caller_and_is_not_counted()
    {
        await using var app = TestPipelines.Of(Quick);

        await Assert.ThrowsAsync<NotSupportedException>(async () =>
            await app.Pipeline.ExecuteWithFallbackAsync(new Dependency(Fails()).CallAsync, _ => throw new NotSupportedException()));

        Assert.Equal((1L, 0L), (app.Snapshot.Calls.Failed, app.Snapshot.Calls.Degraded));
    }

    [Fact]
    public async Task Fallback_every_form_gives_the_result_of_the_call_or_its_own()
    {
        await using var app = TestPipelines.Of(options =>
        {
            Quick(options);
            options.CircuitBreaker.Mode = CircuitBreakerMode.Disabled;
        });
        var typed = app.Provider.GetPipeline<int>(TestPipelines.Name);
        foreach (var (attempt, expected) in new[] { (Answers(1), 1), (Fails(), 7) })
        {
            var call = new Dependency(attempt);
            var context = ResilienceContextPool.Shared.Get();
            int[] results =
            [
                await app.Pipeline.ExecuteWithFallbackAsync(call.CallAsync, 7),
                await app.Pipeline.ExecuteWithFallbackAsync(call.CallAsync, _ => new ValueTask<int>(7)),
                await app.Pipeline.ExecuteWithFallbackAsync(call.CallAsync, (_, _) => new ValueTask<int>(7)),
                await app.Pipeline.ExecuteWithFallbackAsync(static (c, token) => c.CallAsync(token), call, static (_, _, _) => new(7)),
                await app.Pipeline.ExecuteWithFallbackAsync(static (c, s) => s.CallAsync(c.CancellationToken), context, call, static (_, _, _) => new(7)),
                await typed.ExecuteWithFallbackAsync(call.CallAsync, 7),
                await typed.ExecuteWithFallbackAsync(call.CallAsync, _ => new ValueTask<int>(7)),
                await typed.ExecuteWithFallbackAsync(call.CallAsync, (_, _) => new ValueTask<int>(7)),
                await typed.ExecuteWithFallbackAsync(static (c, token) => c.CallAsync(token), call, static (_, _, _) => new(7)),
                await typed.ExecuteWithFallbackAsync(static (c, s) => s.CallAsync(c.CancellationToken), context, call, static (_, _, _) => new(7)),
            ];

            Assert.Equal(Enumerable.Repeat(expected, 10), results);
            ResilienceContextPool.Shared.Return(context);
        }

        Assert.Equal((20L, 10L, 10L), (app.Snapshot.Calls.Total, app.Snapshot.Calls.Failed, app.Snapshot.Calls.Degraded));
    }

    [Fact]
    public async Task Fallback_rejections_are_told_in_the_guides_words_also_when_the_pipeline_keeps_Pollys()
    {
        foreach (var mapped in new[] { true, false })
        {
            await using var app = TestPipelines.Of(options =>
            {
                Quick(options);
                options.MapExceptions = mapped;
                options.Bulkhead.MaxConcurrency = 1;
                options.Bulkhead.AcquisitionTimeout = TimeSpan.Zero;
                options.Timeout.Total = TimeSpan.FromSeconds(5);
            });

            using var holder = new HeldCall(app.Pipeline);
            var full = Assert.IsType<BulkheadFullException>(await FailureAsync(app.Pipeline));
            await holder.FinishAsync();
            Assert.Equal(("payments", TimeSpan.Zero), (full.PipelineName, full.Limit));

            var hung = FailureAsync(app.Pipeline, token => Task.Delay(Timeout.Infinite, token));
            app.Clock.Advance(TimeSpan.FromSeconds(5));
            var late = Assert.IsType<ApiTimeoutException>(await hung);
            Assert.Equal((TimeoutPhase.Total, TimeSpan.FromSeconds(5), 1), (late.Phase, late.Limit, late.Attempts));

            app.Control.Isolate("payments");
            var open = Assert.IsType<CircuitOpenException>(await FailureAsync(app.Pipeline));
            Assert.StartsWith("Circuit breaker is OPEN for pipeline 'payments': it was isolated", open.Message, StringComparison.Ordinal);
            Assert.Equal(("payments", 3L), (open.PipelineName, app.Snapshot.Calls.Degraded));
        }
    }

    [Fact]
    public async Task Fallback_business_exception_of_a_pipeline_that_keeps_Pollys_is_left_as_it_is()
    {
        await using var app = TestPipelines.Of(options => options.MapExceptions = false);

        await Assert.ThrowsAsync<HttpRequestException>(async () =>
            await app.Pipeline.ExecuteWithFallbackAsync(new Dependency(Answers(HttpStatusCode.NotFound)).CallAsync, Never));
    }

    private static async Task<ApiConnectionException?> FailureAsync(ResiliencePipeline pipeline, Func<CancellationToken, Task>? call = null) =>
        await pipeline.ExecuteWithFallbackAsync(
            async token =>
            {
                await (call?.Invoke(token) ?? Task.CompletedTask);
                return (ApiConnectionException?)null;
            },
            (failure, _) => new ValueTask<ApiConnectionException?>(failure));

    private static void Quick(PipelineOptions options) => options.Retry.MaxAttempts = 1;

    private static ValueTask<int> Never(CancellationToken cancellationToken)
    {
        Assert.Fail("The fallback ran.");
        return new(0);
    }

    private static async ValueTask<int> DeepInTheBusinessAsync(CancellationToken cancellationToken)
    {
        await Task.Yield();
        throw new InvalidOperationException("business");
    }
}
