using System.Data.Common;
using System.Net;
using System.Net.Sockets;
using System.Reflection;
using System.Security.Authentication;
using Polly.CircuitBreaker;
using Polly.RateLimiting;
using Polly.Timeout;

namespace Resilience.Polly.Tests.Failures;

/// <summary>An exception by itself, and what the guide says of it: written down here a second time, on purpose.</summary>
/// <param name="Name">Names it in a message.</param>
/// <param name="Make">Makes one.</param>
/// <param name="Kind">What it tells about the dependency.</param>
/// <param name="Mapped">What the caller gets; <see langword="null"/> where that is what was thrown.</param>
/// <param name="Counted">How the call is counted.</param>
internal sealed record FailureLeaf(string Name, Func<Exception> Make, FailureKind Kind, Type? Mapped, string Counted);

/// <summary>Every exception that a pipeline knows, and those that it does not, in any wrapping.</summary>
internal static class FailureShapes
{
    private static readonly Type Connection = typeof(ApiConnectionException);
    private static readonly Type Timeout = typeof(ApiTimeoutException);

    public static IReadOnlyList<FailureLeaf> Leaves { get; } =
    [
        Broken("refused", () => new SocketException((int)SocketError.ConnectionRefused)),
        Broken("reset", () => new SocketException((int)SocketError.ConnectionReset)),
        Broken("DNS", () => new HttpRequestException(HttpRequestError.NameResolutionError)),
        Broken("unknown", () => new HttpRequestException("boom")),
        Broken("response ended", () => new HttpIOException(HttpRequestError.ResponseEnded)),
        Broken("proxy says 403", () => new HttpRequestException(HttpRequestError.ProxyTunnelError, "", null, HttpStatusCode.Forbidden)),
        Broken("proxy says 407", () => new HttpRequestException(HttpRequestError.ProxyTunnelError, "", null, HttpStatusCode.ProxyAuthenticationRequired)),
        Broken("proxy says 500", () => new HttpRequestException(HttpRequestError.ProxyTunnelError, "", null, HttpStatusCode.InternalServerError)),
        Broken("database", () => new Database(isTransient: true)),
        Broken("nested connection", () => new ApiConnectionException("")),
        Lasting("certificate", () => new HttpRequestException(HttpRequestError.SecureConnectionError, "", new AuthenticationException())),
        Lasting("version", () => new HttpRequestException(HttpRequestError.VersionNegotiationError)),
        Lasting("limit", () => new HttpRequestException(HttpRequestError.ConfigurationLimitExceeded)),
        Slow("timeout", () => new TimeoutException()),
        Slow("Polly's timeout", () => new TimeoutRejectedException()),
        Slow("HttpClient's timeout", () => new TaskCanceledException("", new TimeoutException())),
        Slow("a cancellation of its own", () => new OperationCanceledException()),
        Slow("connect", () => new PhaseTimeoutException(TimeoutPhase.Connect, TimeSpan.FromSeconds(1))),
        Slow("read", () => new PhaseTimeoutException(TimeoutPhase.Read, TimeSpan.FromSeconds(1))),
        Slow("nested timeout", () => new ApiTimeoutException("") { Phase = TimeoutPhase.Write }),
        new("pool", () => new PhaseTimeoutException(TimeoutPhase.Pool, TimeSpan.FromSeconds(1)), FailureKind.Unrelated, typeof(PoolTimeoutException), "TimedOut"),
        new("Polly's circuit", () => new BrokenCircuitException(), FailureKind.Unrelated, typeof(CircuitOpenException), "Failed"),
        new("nested circuit", () => new CircuitOpenException(""), FailureKind.Unrelated, typeof(CircuitOpenException), "Failed"),
        new("rate limiter", () => new RateLimiterRejectedException(), FailureKind.Unrelated, typeof(PoolTimeoutException), "Failed"),
        new("nested bulkhead", () => new PoolTimeoutException(""), FailureKind.Unrelated, typeof(PoolTimeoutException), "Failed"),
        Foreign("business", () => new InvalidOperationException()),
        Foreign("argument", () => new ArgumentException("")),
        Foreign("disk", () => new IOException()),
        Foreign("lasting database", () => new Database(isTransient: false)),
        Foreign("broken body", () => new InvalidDataException()),
        .. Enumerable.Range(100, 500).SelectMany(Answers),
    ];

    /// <summary>Puts an exception into others that nobody knows.</summary>
    public static Exception Wrap(Exception inner, Random random) => random.Next(7) switch
    {
        0 => new InvalidOperationException("", inner),
        1 => new IOException("", inner),
        2 => new AggregateException(inner),
        3 => new AggregateException(new ArgumentException(""), inner, new FormatException()),
        4 => new TargetInvocationException(inner),
        5 => new TypeInitializationException("T", inner),
        _ => new AggregateException(new AggregateException(new FormatException(), new InvalidOperationException()), new AggregateException(inner)),
    };

    private static FailureLeaf Broken(string name, Func<Exception> make) => new(name, make, FailureKind.Transient, Connection, "Failed");

    private static FailureLeaf Lasting(string name, Func<Exception> make) => new(name, make, FailureKind.Permanent, Connection, "Failed");

    private static FailureLeaf Slow(string name, Func<Exception> make) => new(name, make, FailureKind.Transient, Timeout, "TimedOut");

    private static FailureLeaf Foreign(string name, Func<Exception> make) => new(name, make, FailureKind.None, null, "Refused");

    private static IEnumerable<FailureLeaf> Answers(int code)
    {
        var status = (HttpStatusCode)code;
        var (kind, mapped) = code switch
        {
            408 or 429 or 502 or 503 or 504 => (FailureKind.Transient, typeof(ApiUnavailableException)),
            >= 500 => (FailureKind.Permanent, typeof(ApiServerErrorException)),
            400 or 422 => (FailureKind.None, typeof(InvalidRequestException)),
            401 => (FailureKind.None, typeof(ApiUnauthorizedException)),
            403 => (FailureKind.None, typeof(ApiForbiddenException)),
            404 => (FailureKind.None, typeof(NotFoundException)),
            409 => (FailureKind.None, typeof(ApiConflictException)),
            _ => (FailureKind.None, typeof(ApiStatusException)),
        };
        var counted = kind == FailureKind.None ? "Refused" : "Failed";
        yield return new($"{code} of HttpClient", () => new HttpRequestException("", null, status), kind, mapped, counted);
        yield return new($"{code} of a transport", () => Answered(status), kind, mapped, counted);
        yield return new($"{code} mapped already", () => ApiFailures.Map(Answered(status), "nested", null, 1), kind, mapped, counted);
        if (kind != FailureKind.None)
        {
            yield return new($"{code} as a status exception of one's own", () => new ApiStatusException("", null, status), kind, mapped, counted);
        }
    }

    private static HttpStatusException Answered(HttpStatusCode status)
    {
        using var response = new HttpResponseMessage(status);
        return new HttpStatusException(response);
    }

    private sealed class Database(bool isTransient) : DbException
    {
        public override bool IsTransient => isTransient;
    }
}
