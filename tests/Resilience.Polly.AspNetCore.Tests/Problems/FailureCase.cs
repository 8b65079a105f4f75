using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using Polly.CircuitBreaker;
using Polly.RateLimiting;
using Polly.Timeout;

namespace Resilience.Polly.AspNetCore.Tests;

/// <summary>Everything that escapes a pipeline, each with the answer that it becomes. All of them know secrets.</summary>
internal sealed record FailureCase(string Name, Exception Failure, int Status, string? RetryAfter = null)
{
    /// <summary>Is in every message, inner message and body below.</summary>
    public const string Secret = "hunter2";

    private const string Message = $"Pipeline '{Secret}' at https://{Secret}.internal:8443/";

    public static readonly FailureCase[] Answered =
    [
        new("open circuit", new CircuitOpenException(Message) { PipelineName = Secret, RequestId = Secret, RetryAfter = TimeSpan.FromSeconds(12.1) }, 503, "13"),
        new("circuit that is due", new CircuitOpenException(Message) { RetryAfter = TimeSpan.Zero }, 503, "1"),
        new("isolated circuit", new CircuitOpenException(Message), 503, "30"),
        new("no room", new PoolTimeoutException(Message, new InvalidOperationException(Secret)) { Limit = TimeSpan.FromSeconds(5) }, 503, "1"),
        new("attempt timeout", new ApiTimeoutException(Message, new TimeoutException(Secret)), 504),
        new("connect timeout", new ApiTimeoutException(Message) { Phase = TimeoutPhase.Connect }, 504),
        new("unreachable", new ApiConnectionException(Message, Refused()), 502),
        new("408", Unavailable(408), 502),
        new("429", Unavailable(429), 503),
        new("429 with Retry-After", Unavailable(429, TimeSpan.FromSeconds(7)), 503, "7"),
        new("502", Unavailable(502), 502),
        new("503", Unavailable(503), 503),
        new("503 with Retry-After", Unavailable(503, TimeSpan.FromDays(365)), 503, "86400"),
        new("circuit that stays open for ever", new CircuitOpenException(Message) { RetryAfter = TimeSpan.MaxValue }, 503, "86400"),
        new("409 with a long Retry-After", new ApiConflictException(Message, AnsweredWith(409, TimeSpan.FromDays(2))), 503, "86400"),
        new("503 of a maker of its own", new ApiUnavailableException(Message) { RetryAfter = TimeSpan.FromSeconds(1.5), BodyExcerpt = Secret }, 503, "2"),
        new("504 with Retry-After", Unavailable(504, TimeSpan.FromSeconds(7)), 502),
        new("500", new ApiServerErrorException(Message, AnsweredWith(500)) { PipelineName = Secret }, 502),
        new("599", new ApiServerErrorException(Message, AnsweredWith(599), (HttpStatusCode)599), 502),
        new("500 of a maker of its own", new ApiStatusException(Message, AnsweredWith(500), HttpStatusCode.InternalServerError), 502),
        new("501", new ApiStatusException(Message, AnsweredWith(501), HttpStatusCode.NotImplemented), 502),
        new("409 with Retry-After", new ApiConflictException(Message, AnsweredWith(409, TimeSpan.FromSeconds(3))), 503, "3"),
        new("400", new InvalidRequestException(Message, AnsweredWith(400)), 500),
        new("401", new ApiUnauthorizedException(Message, AnsweredWith(401)), 500),
        new("403", new ApiForbiddenException(Message, AnsweredWith(403)), 500),
        new("404", new NotFoundException(Message, AnsweredWith(404)), 500),
        new("409", new ApiConflictException(Message, AnsweredWith(409)), 500),
        new("418", new ApiStatusException(Message, AnsweredWith(418), (HttpStatusCode)418), 500),
        new("302", new ApiStatusException(Message, AnsweredWith(302), HttpStatusCode.Found), 500),
        new("unmapped circuit", new BrokenCircuitException(Message, TimeSpan.FromSeconds(4.2), new InvalidOperationException(Secret)), 503, "5"),
        new("unmapped isolated circuit", new IsolatedCircuitException(Message), 503, "30"),
        new("unmapped bulkhead", new RateLimiterRejectedException(Message), 503, "1"),
        new("unmapped rate limiter", new RateLimiterRejectedException(Message, TimeSpan.FromMinutes(1)), 503, "60"),
        new("unmapped timeout", new TimeoutRejectedException(Message, TimeSpan.FromSeconds(1)), 504),
        new("unmapped pool timeout", new PhaseTimeoutException(TimeoutPhase.Pool, TimeSpan.FromSeconds(1)), 503, "1"),
        new("unmapped read timeout", new PhaseTimeoutException(TimeoutPhase.Read, TimeSpan.FromSeconds(1)), 504),
        new("unmapped 503", AnsweredWith(503, TimeSpan.FromSeconds(7)), 503, "7"),
        new("unmapped 500", AnsweredWith(500), 502),
        new("unmapped 404", AnsweredWith(404), 500),
        new("anybody's timeout", new TimeoutException(Secret), 500),
        new("anybody's HttpRequestException", Refused(), 500),
        new("a bug", new InvalidOperationException(Secret), 500),
    ];

    public static TheoryData<string> Names => [.. Answered.Select(c => c.Name)];

    public static FailureCase Of(string name) => Answered.Single(c => c.Name == name);

    private static HttpRequestException Refused() =>
        new(HttpRequestError.ConnectionError, $"Connection refused ({Secret}.internal:8443)", new SocketException((int)SocketError.ConnectionRefused));

    private static ApiUnavailableException Unavailable(int status, TimeSpan? retryAfter = null) =>
        new(Message, AnsweredWith(status, retryAfter), (HttpStatusCode)status) { PipelineName = Secret };

    private static HttpStatusException AnsweredWith(int status, TimeSpan? retryAfter = null)
    {
        using var response = new HttpResponseMessage((HttpStatusCode)status);
        response.Headers.RetryAfter = retryAfter is { } wait ? new RetryConditionHeaderValue(wait) : null;
        return new(response) { BodyExcerpt = $"token={Secret}", Problem = new() { Title = Secret, Detail = Secret, Type = Secret, Instance = Secret } };
    }
}
