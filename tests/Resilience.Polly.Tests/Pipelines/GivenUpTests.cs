using System.Net;
using System.Net.Sockets;
using Polly;
using Polly.Retry;

namespace Resilience.Polly.Tests.Pipelines;

/// <summary>The caller cancels, and the attempt ends after that.</summary>
public class GivenUpTests
{
    public static TheoryData<string> Failures => [.. Thrown.Keys];

    private static Dictionary<string, Func<Exception>> Thrown { get; } = new()
    {
        ["reset"] = () => new SocketException((int)SocketError.ConnectionReset),
        ["503"] = () => new HttpRequestException("", null, HttpStatusCode.ServiceUnavailable),
        ["500"] = () => new HttpRequestException("", null, HttpStatusCode.InternalServerError),
        ["timeout"] = () => new TimeoutException(),
        ["aggregate"] = () => new AggregateException(new SocketException(), new InvalidOperationException()),
        ["mapped already"] = () => new ApiConnectionException(""),
        ["torn down"] = () => new ObjectDisposedException("socket"),
        ["somebody else's cancellation"] = () => new OperationCanceledException(),
    };

    private static async Task<(Exception? Ours, Exception? Pollys)> BothAsync(Action<PipelineOptions> configure, Func<Exception> thrown, Action<TestPipelines, CancellationToken> check)
    {
        await using var app = TestPipelines.Of(o =>
        {
            (o.Retry.MaxAttempts, o.Retry.MinWait) = (3, TimeSpan.Zero);
            configure(o);
        });
        await new Dependency(Dependency.Answers(HttpStatusCode.InternalServerError)).ThroughAsync(app.Pipeline); // one failure before
        using var ours = new CancellationTokenSource();
        var seen = await Record.ExceptionAsync(async () => await app.Pipeline.ExecuteAsync(_ => Fail(ours, thrown), ours.Token));
        check(app, ours.Token);

        using var pollys = new CancellationTokenSource();
        var polly = new ResiliencePipelineBuilder().AddRetry(new RetryStrategyOptions { Delay = TimeSpan.Zero }).Build();
        return (seen, await Record.ExceptionAsync(async () => await polly.ExecuteAsync(_ => Fail(pollys, thrown), pollys.Token)));

        static ValueTask Fail(CancellationTokenSource caller, Func<Exception> thrown)
        {
            caller.Cancel();
            throw thrown();
        }
    }

    [Theory]
    [MemberData(nameof(Failures))]
    public async Task Attempt_that_throws_is_a_cancellation_of_the_caller_as_with_Polly_and_no_outage(string name)
    {
        var token = default(CancellationToken);
        foreach (var (counts, maps) in new[] { (CircuitCount.Call, true), (CircuitCount.Attempt, true), (CircuitCount.Call, false) })
        {
            var (ours, pollys) = await BothAsync(
                o => (o.CircuitBreaker.CountPer, o.MapExceptions) = (counts, maps),
                Thrown[name],
                (app, caller) =>
                {
                    token = caller;
                    Assert.Equal(1, app.Snapshot.CircuitBreaker.FailureCount);
                    Assert.Equal((1, 1), (app.Snapshot.Calls.Cancelled, app.Snapshot.Calls.Failed));
                });

            Assert.Equal(token, Assert.IsType<OperationCanceledException>(ours).CancellationToken);
            Assert.Equal(Thrown[name]().GetType(), ours.InnerException?.GetType());
            Assert.IsAssignableFrom<OperationCanceledException>(pollys);
        }
    }

    [Theory]
    [InlineData(503)]
    [InlineData(500)]
    public async Task Answer_that_is_a_failure_is_given_up_and_disposed(int status)
    {
        await using var app = TestPipelines.Of(o => (o.Retry.MaxAttempts, o.Retry.MinWait) = (3, TimeSpan.Zero));
        using var caller = new CancellationTokenSource();
        var body = new Body();

        var seen = await Assert.ThrowsAsync<OperationCanceledException>(async () => await app.Pipeline.ExecuteAsync(
            _ =>
            {
                caller.Cancel();
                return new ValueTask<HttpResponseMessage>(new HttpResponseMessage((HttpStatusCode)status) { Content = body });
            },
            caller.Token));

        Assert.Equal((caller.Token, true, 0, 1), (seen.CancellationToken, body.IsDisposed, app.Snapshot.CircuitBreaker.FailureCount, (int)app.Snapshot.Calls.Cancelled));
    }

    [Theory]
    [InlineData(200)]
    [InlineData(404)]
    public async Task Answer_that_is_none_stays_the_answer(int status)
    {
        await using var app = TestPipelines.Of(o => (o.Retry.MaxAttempts, o.Retry.MinWait) = (3, TimeSpan.Zero));
        using var caller = new CancellationTokenSource();

        using var seen = await app.Pipeline.ExecuteAsync(
            _ =>
            {
                caller.Cancel();
                return new ValueTask<HttpResponseMessage>(new HttpResponseMessage((HttpStatusCode)status));
            },
            caller.Token);

        Assert.Equal((status, 1), ((int)seen.StatusCode, (int)app.Snapshot.Calls.Succeeded));
    }

    [Fact]
    public async Task Fallback_does_not_run_for_a_caller_who_has_gone()
    {
        await using var app = TestPipelines.Of(_ => { });
        using var caller = new CancellationTokenSource();

        await Assert.ThrowsAsync<OperationCanceledException>(async () => await app.Pipeline.ExecuteWithFallbackAsync<int>(
            _ =>
            {
                caller.Cancel();
                throw new SocketException();
            },
            (_, _) => new ValueTask<int>(1),
            caller.Token));
    }

    private sealed class Body() : ByteArrayContent([])
    {
        public bool IsDisposed { get; private set; }

        protected override void Dispose(bool disposing)
        {
            IsDisposed = true;
            base.Dispose(disposing);
        }
    }
}
