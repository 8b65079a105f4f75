using System.Net;
using System.Net.Sockets;
using Polly;

namespace Resilience.Polly.Tests.Failures;

/// <summary>A transport says whose failure an exception is.</summary>
public class AttemptFailureTests
{
    private static async Task<(Exception? Seen, int Attempts)> SeenAsync(TestPipelines app, Exception thrown, AttemptFailure told)
    {
        var context = ResilienceContextPool.Shared.Get();
        var attempts = 0;
        var outcome = await app.Pipeline.ExecuteOutcomeAsync(
            (c, _) =>
            {
                attempts++;
                c.Properties.Set(CallProperties.Failure, told);
                return new ValueTask<Outcome<int>>(Outcome.FromException<int>(thrown));
            },
            context,
            0);
        ResilienceContextPool.Shared.Return(context);
        return (outcome.Exception, attempts);
    }

    private static TestPipelines App() => TestPipelines.Of(o => (o.Retry.MaxAttempts, o.Retry.MinWait) = (2, TimeSpan.Zero));

    [Fact]
    public async Task Mistake_of_the_caller_reaches_the_caller_as_it_is_and_counts_neither_way()
    {
        await using var app = App();
        await new Dependency(Dependency.Answers(HttpStatusCode.InternalServerError)).ThroughAsync(app.Pipeline);
        var thrown = new SocketException((int)SocketError.ConnectionReset);

        var seen = await SeenAsync(app, thrown, new AttemptFailure(thrown, judgedAs: null));

        Assert.Equal((thrown, 1), seen);
        Assert.Equal((1, 1), (app.Snapshot.CircuitBreaker.FailureCount, (int)app.Snapshot.Calls.Refused));
    }

    [Fact]
    public async Task Mistake_of_the_caller_gets_no_fallback()
    {
        await using var app = App();
        var thrown = new SocketException((int)SocketError.ConnectionReset);
        var context = ResilienceContextPool.Shared.Get();

        var seen = await Record.ExceptionAsync(async () => await app.Pipeline.ExecuteWithFallbackAsync<int, int>(
            (c, _) =>
            {
                c.Properties.Set(CallProperties.Failure, new AttemptFailure(thrown, judgedAs: null));
                throw thrown;
            },
            context,
            0,
            (_, _, _) => new ValueTask<int>(1)));

        Assert.Same(thrown, seen);
    }

    [Theory]
    [InlineData(503, 2, 1)]
    [InlineData(500, 1, 1)]
    [InlineData(404, 1, 0)]
    public async Task Fact_is_judged_and_the_exception_reaches_the_caller(int status, int attempts, int failures)
    {
        await using var app = App();
        using var response = new HttpResponseMessage((HttpStatusCode)status);
        var thrown = new InvalidDataException();

        var seen = await SeenAsync(app, thrown, new AttemptFailure(thrown, new HttpStatusException(response)));

        Assert.Equal((thrown, attempts), seen);
        Assert.Equal(failures, app.Snapshot.CircuitBreaker.FailureCount);
    }

    [Fact]
    public async Task Fact_that_is_no_failure_leaves_the_judgement_to_the_exception()
    {
        await using var app = App();
        using var response = new HttpResponseMessage(HttpStatusCode.NotFound);
        var thrown = new HttpIOException(HttpRequestError.ResponseEnded);

        var (seen, attempts) = await SeenAsync(app, thrown, new AttemptFailure(thrown, new HttpStatusException(response)));

        Assert.IsType<ApiConnectionException>(seen);
        Assert.Equal(2, attempts);
    }

    [Fact]
    public async Task Word_on_another_exception_is_not_heard()
    {
        await using var app = App();

        var (seen, attempts) = await SeenAsync(app, new SocketException(), new AttemptFailure(new SocketException(), judgedAs: null));

        Assert.IsType<ApiConnectionException>(seen);
        Assert.Equal(2, attempts);
    }
}
