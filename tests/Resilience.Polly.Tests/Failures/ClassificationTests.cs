using System.Data.Common;
using System.Net;
using System.Net.Sockets;
using System.Security.Authentication;
using Microsoft.Extensions.DependencyInjection;
using Polly.CircuitBreaker;
using Polly.RateLimiting;
using Polly.Timeout;

namespace Resilience.Polly.Tests.Failures;

/// <summary>What is retried and what counts for the circuit, as one table.</summary>
public class ClassificationTests
{
    private const int Retried = 2;
    private const int Once = 1;
    private const int Counts = 2;   // one failure before, one now
    private const int Resets = 0;   // a success
    private const int Neither = 1;  // only the one before

    public static TheoryData<string, Exception, int, int> Table { get; } = new()
    {
        { "refused connection", new SocketException((int)SocketError.ConnectionRefused), Retried, Counts },
        { "reset connection", new SocketException((int)SocketError.ConnectionReset), Retried, Counts },
        { "unknown host", new SocketException((int)SocketError.HostNotFound), Retried, Counts },
        { "HTTP connection failure", new HttpRequestException(HttpRequestError.ConnectionError), Retried, Counts },
        { "HTTP name resolution", new HttpRequestException(HttpRequestError.NameResolutionError), Retried, Counts },
        { "response ended", new HttpIOException(HttpRequestError.ResponseEnded), Retried, Counts },
        { "timeout", new TimeoutException(), Retried, Counts },
        { "Polly timeout", new TimeoutRejectedException(), Retried, Counts },
        { "HttpClient.Timeout", new TaskCanceledException("", new TimeoutException()), Retried, Counts },
        { "408", Status(HttpStatusCode.RequestTimeout), Retried, Counts },
        { "429", Status(HttpStatusCode.TooManyRequests), Retried, Counts },
        { "502", Status(HttpStatusCode.BadGateway), Retried, Counts },
        { "503", Status(HttpStatusCode.ServiceUnavailable), Retried, Counts },
        { "504", Status(HttpStatusCode.GatewayTimeout), Retried, Counts },
        { "transient database error", new DatabaseException(true), Retried, Counts },
        { "an inner refused connection", new IOException("", new SocketException((int)SocketError.ConnectionRefused)), Retried, Counts },
        { "one of several", new AggregateException(new InvalidOperationException(), new TimeoutException()), Retried, Counts },
        { "deep inside", new InvalidOperationException("", new IOException("", new TimeoutException())), Retried, Counts },
        { "service unavailable of a nested client", new ApiUnavailableException(""), Retried, Counts },
        { "500", Status(HttpStatusCode.InternalServerError), Once, Counts },
        { "501", Status(HttpStatusCode.NotImplemented), Once, Counts },
        { "status exception 500", new ApiStatusException("", null, HttpStatusCode.InternalServerError), Once, Counts },
        { "wrong certificate", new HttpRequestException(HttpRequestError.SecureConnectionError, "", new AuthenticationException()), Once, Counts },
        { "400", Status(HttpStatusCode.BadRequest), Once, Resets },
        { "401", Status(HttpStatusCode.Unauthorized), Once, Resets },
        { "404", Status(HttpStatusCode.NotFound), Once, Resets },
        { "409", Status(HttpStatusCode.Conflict), Once, Resets },
        { "422", Status(HttpStatusCode.UnprocessableEntity), Once, Resets },
        { "not found exception", new NotFoundException(""), Once, Resets },
        { "business exception", new InvalidOperationException(), Once, Resets },
        { "argument", new ArgumentException(), Once, Resets },
        { "lasting database error", new DatabaseException(false), Once, Resets },
        { "open circuit of a nested pipeline", new CircuitOpenException(""), Once, Neither },
        { "open Polly circuit", new BrokenCircuitException(), Once, Neither },
        { "full bulkhead of a nested pipeline", new PoolTimeoutException(""), Once, Neither },
        { "Polly rate limiter", new RateLimiterRejectedException(), Once, Neither },
        { "a cancellation that is not the caller's", new OperationCanceledException(), Retried, Counts },
    };

    private static HttpRequestException Status(HttpStatusCode status) => new("", null, status);

    [Theory]
    [MemberData(nameof(Table))]
    public async Task Exception_is_retried_and_counted_as_the_table_says(string what, Exception exception, int attempts, int failures)
    {
        await using var app = TestPipelines.Of(o => (o.Retry.MaxAttempts, o.Retry.MinWait) = (2, TimeSpan.Zero));
        await new Dependency(Dependency.Answers(HttpStatusCode.InternalServerError)).ThroughAsync(app.Pipeline);
        var dependency = new Dependency(Dependency.Throws(exception));
        await dependency.ThroughAsync(app.Pipeline);
        Assert.Equal((what, attempts, failures), (what, dependency.Attempts, app.Snapshot.CircuitBreaker.FailureCount));
    }

    [Theory]
    [InlineData(HttpStatusCode.OK, Once, Resets)]
    [InlineData(HttpStatusCode.NotFound, Once, Resets)]
    [InlineData(HttpStatusCode.InternalServerError, Once, Counts)]
    [InlineData(HttpStatusCode.ServiceUnavailable, Retried, Counts)]
    public async Task Response_is_judged_by_its_status_and_the_last_one_returned(HttpStatusCode status, int attempts, int failures)
    {
        await using var app = TestPipelines.Of(o => (o.Retry.MaxAttempts, o.Retry.MinWait) = (2, TimeSpan.Zero));
        await new Dependency(Dependency.Answers(HttpStatusCode.InternalServerError)).ThroughAsync(app.Pipeline);
        var made = 0;
        using var response = await app.Pipeline.ExecuteAsync(_ =>
        {
            made++;
            return new ValueTask<HttpResponseMessage>(new HttpResponseMessage(status));
        });
        Assert.Equal((status, attempts, failures), (response.StatusCode, made, app.Snapshot.CircuitBreaker.FailureCount));
    }

    [Fact]
    public async Task Failures_add_to_either_list()
    {
        await using var app = TestPipelines.Of(o =>
        {
            o.Retry.MinWait = TimeSpan.Zero;
            o.Failures.Retry<InvalidOperationException>(e => e.Message == "busy").DoNotRetry<TimeoutException>();
        });
        Assert.Equal(3, await AttemptsAsync(app, new InvalidOperationException("busy")));
        Assert.Equal(1, await AttemptsAsync(app, new InvalidOperationException("no")));
        Assert.Equal(1, await AttemptsAsync(app, new TimeoutException()));
        Assert.Equal(3, await AttemptsAsync(app, new ArgumentException("", new InvalidOperationException("busy"))));
    }

    [Fact]
    public async Task Classifier_from_the_services_is_asked_after_the_options_and_before_the_built_in()
    {
        await using var app = new TestPipelines(services => services.AddResilience()
            .AddFailureClassifier<Opinion>()
            .AddPipeline("payments", o =>
            {
                o.Retry.MinWait = TimeSpan.Zero;
                o.Failures.Retry<FormatException>();
            }));
        Assert.Equal(1, await AttemptsAsync(app, new TimeoutException()));
        Assert.Equal(3, await AttemptsAsync(app, new FormatException()));
        Assert.Equal(3, await AttemptsAsync(app, new SocketException()));
    }

    [Fact]
    public async Task Rule_that_throws_reaches_the_caller_and_loses_neither_slot_nor_permit()
    {
        await using var app = TestPipelines.Of(o => o.Failures.Retry<FormatException>(_ => throw new NotSupportedException("my bug")));
        var outcome = await new Dependency(Dependency.Throws(new FormatException())).ThroughAsync(app.Pipeline);
        Assert.Equal("my bug", Assert.IsType<NotSupportedException>(outcome.Exception).Message);
        Assert.Equal((0, 0), (app.Snapshot.Bulkhead.InUse, app.Snapshot.CircuitBreaker.FailureCount));
    }

    private static async Task<int> AttemptsAsync(TestPipelines app, Exception exception)
    {
        var dependency = new Dependency(Dependency.Throws(exception));
        await dependency.ThroughAsync(app.Pipeline);
        return dependency.Attempts;
    }

    private sealed class Opinion : IFailureClassifier
    {
        public FailureKind? ClassifyException(Exception exception) =>
            exception is TimeoutException or FormatException ? FailureKind.None : null;
    }

    private sealed class DatabaseException(bool isTransient) : DbException
    {
        public override bool IsTransient => isTransient;
    }
}
