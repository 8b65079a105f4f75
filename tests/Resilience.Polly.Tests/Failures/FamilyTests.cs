using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.DependencyInjection;
using Polly;

namespace Resilience.Polly.Tests.Failures;

/// <summary>The failures are HttpRequestExceptions for the code above a pipeline, and nothing of that changes how pipelines judge them.</summary>
public class FamilyTests
{
    /// <summary>Each member, and what a pipeline around it does: attempts of two, failures that the circuit has counted after one before it, whether a fallback runs.</summary>
    private static readonly (ApiCallException Failure, int Attempts, int Failures, bool Degrades)[] Family =
    [
        (new ApiConnectionException("", new HttpRequestException(HttpRequestError.ConnectionError)), 2, 2, true),
        (new ApiConnectionException("", new SocketException((int)SocketError.ConnectionReset)), 2, 2, true),
        (new ApiTimeoutException("", new TimeoutException()) { Phase = TimeoutPhase.Read }, 2, 2, true),
        (new ApiTimeoutException("", new PhaseTimeoutException(TimeoutPhase.Connect, TimeSpan.FromSeconds(1))) { Phase = TimeoutPhase.Connect }, 2, 2, true),
        (new ApiUnavailableException("", new HttpRequestException("", null, HttpStatusCode.BadGateway), HttpStatusCode.BadGateway), 2, 2, true),
        (new ApiUnavailableException(""), 2, 2, true),
        (new CircuitOpenException("") { RetryAfter = TimeSpan.FromSeconds(1) }, 1, 1, true),
        (new PoolTimeoutException("", new HttpRequestException()), 1, 1, true),
        (new BulkheadFullException(""), 1, 1, true),
        (new QueueFullException(""), 1, 1, true),
        (new RateLimitedException(""), 1, 1, true),
        (new LoadShedException("", new HttpRequestException()), 1, 1, true),
        (new QueueShutdownException(""), 1, 1, true),
        (new ApiServerErrorException(""), 1, 2, true),
        (new ApiStatusException("", new HttpRequestException("", null, (HttpStatusCode)418), (HttpStatusCode)418), 1, 0, false),
        (new InvalidRequestException(""), 1, 0, false),
        (new InvalidRequestException("", null, HttpStatusCode.UnprocessableEntity), 1, 0, false),
        (new ApiUnauthorizedException(""), 1, 0, false),
        (new ApiForbiddenException(""), 1, 0, false),
        (new NotFoundException("", new HttpRequestException("", null, HttpStatusCode.NotFound)), 1, 0, false),
        (new ApiConflictException(""), 1, 0, false),
    ];

    public static TheoryData<int, int, bool, bool> Nestings
    {
        get
        {
            var all = new TheoryData<int, int, bool, bool>();
            for (var index = 0; index < Family.Length; index++)
            {
                for (var depth = 0; depth <= 2; depth++)
                {
                    foreach (var mapped in new[] { true, false })
                    {
                        all.Add(index, depth, mapped, false);
                        all.Add(index, depth, mapped, true);
                    }
                }
            }

            return all;
        }
    }

    private static TestPipelines App(bool mapped, bool withRule) => new(services => services.AddResilience()
        .AddPipeline("outer", o =>
        {
            (o.Retry.MaxAttempts, o.Retry.MinWait, o.MapExceptions) = (2, TimeSpan.Zero, mapped);
            if (withRule)
            {
                o.Failures.Retry<HttpRequestException>();
            }
        })
        .AddPipeline("inner", o => (o.Retry.MaxAttempts, o.CircuitBreaker.Mode, o.MapExceptions) = (1, CircuitBreakerMode.Disabled, mapped)));

    [Theory]
    [MemberData(nameof(Nestings))]
    public async Task Member_is_judged_passed_on_and_degraded_as_if_it_were_no_HttpRequestException(int index, int depth, bool mapped, bool withRule)
    {
        var (failure, attempts, failures, degrades) = Family[index];
        await using var app = App(mapped, withRule);
        var (outer, inner) = (app.Provider.GetPipeline("outer"), app.Provider.GetPipeline("inner"));
        await new Dependency(Dependency.Answers(HttpStatusCode.InternalServerError)).ThroughAsync(outer);
        var made = 0;
        ValueTask<int> Call(int level, CancellationToken token)
        {
            made += level == 0 ? 1 : 0;
            return level == 0 ? throw failure : inner.ExecuteAsync(t => Call(level - 1, t), token);
        }

        var seen = await Record.ExceptionAsync(async () => await outer.ExecuteAsync(token => Call(depth, token)));
        Assert.Same(failure, seen);
        Assert.Equal((attempts, failures), (made, app.Monitor.GetSnapshot("outer").CircuitBreaker.FailureCount));
        Assert.Same(failure, ApiFailures.Map(failure, "outer", null, 1));

        var ran = false;
        await Record.ExceptionAsync(async () => await outer.ExecuteWithFallbackAsync(
            token => Call(depth, token),
            (_, _) =>
            {
                ran = true;
                return new ValueTask<int>(0);
            }));
        Assert.Equal(degrades, ran);
    }

    [Fact]
    public void Table_has_every_member() => Assert.Equal(
        typeof(ApiCallException).Assembly.GetExportedTypes().Where(type => type.IsSubclassOf(typeof(ApiCallException))).OrderBy(type => type.Name),
        Family.Select(member => member.Failure.GetType()).Distinct().OrderBy(type => type.Name));

    [Fact]
    public async Task Rule_for_a_failure_of_a_nested_pipeline_by_its_own_name_counts()
    {
        await using var app = TestPipelines.Of(o =>
        {
            o.Retry.MinWait = TimeSpan.Zero;
            o.Failures.Retry<CircuitOpenException>();
        });
        var dependency = new Dependency(Dependency.Throws(new CircuitOpenException("")));
        await dependency.ThroughAsync(app.Pipeline);
        Assert.Equal(3, dependency.Attempts);
    }

    public static TheoryData<Exception, HttpStatusCode?, HttpRequestError> Causes { get; } = new()
    {
        { new HttpRequestException(HttpRequestError.NameResolutionError), null, HttpRequestError.NameResolutionError },
        { new HttpRequestException(HttpRequestError.SecureConnectionError), null, HttpRequestError.SecureConnectionError },
        { new HttpIOException(HttpRequestError.ResponseEnded), null, HttpRequestError.ResponseEnded },
        { new HttpRequestException("", new HttpIOException(HttpRequestError.HttpProtocolError)), null, HttpRequestError.HttpProtocolError },
        { new SocketException((int)SocketError.ConnectionRefused), null, HttpRequestError.ConnectionError },
        { new SocketException((int)SocketError.HostNotFound), null, HttpRequestError.NameResolutionError },
        { new SocketException((int)SocketError.ConnectionReset), null, HttpRequestError.Unknown },
        { new PhaseTimeoutException(TimeoutPhase.Connect, TimeSpan.FromSeconds(1)), null, HttpRequestError.ConnectionError },
        { new PhaseTimeoutException(TimeoutPhase.Read, TimeSpan.FromSeconds(1)), null, HttpRequestError.Unknown },
        { new TimeoutException(), null, HttpRequestError.Unknown },
        { new HttpRequestException("", null, HttpStatusCode.ServiceUnavailable), HttpStatusCode.ServiceUnavailable, HttpRequestError.Unknown },
        { new HttpRequestException("", null, HttpStatusCode.NotFound), HttpStatusCode.NotFound, HttpRequestError.Unknown },
        { new HttpRequestException("", null, HttpStatusCode.UnprocessableEntity), HttpStatusCode.UnprocessableEntity, HttpRequestError.Unknown },
        { new HttpRequestException("", null, HttpStatusCode.InternalServerError), HttpStatusCode.InternalServerError, HttpRequestError.Unknown },
    };

    [Theory]
    [MemberData(nameof(Causes))]
    public async Task Catch_for_HttpRequestException_sees_the_status_and_the_cause(Exception thrown, HttpStatusCode? status, HttpRequestError cause)
    {
        await using var app = TestPipelines.Of(o => o.Retry.MaxAttempts = 1);
        var seen = await Assert.ThrowsAnyAsync<HttpRequestException>(async () => await app.Pipeline.ExecuteAsync<int>(_ => throw thrown));
        Assert.IsAssignableFrom<ApiCallException>(seen);
        Assert.Equal((status, cause), (seen.StatusCode, seen.HttpRequestError));
    }
}
