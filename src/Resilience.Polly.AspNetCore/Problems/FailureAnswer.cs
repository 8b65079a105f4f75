using System.Net;
using Microsoft.AspNetCore.Http;
using Polly;
using Polly.RateLimiting;

namespace Resilience.Polly.AspNetCore.Problems;

/// <summary>The answer of this application when a pipeline fails. Its texts are fixed, so nothing of the failure gets into them.</summary>
internal readonly record struct FailureAnswer(int Status, string Detail, TimeSpan? RetryAfter = null, bool WasCalled = true)
{
    private const string NoRoom = "There is no room for this request at present. Try again later.";
    private const string Unavailable = "A service that the answer depends on is not available at present. Try again later.";
    private const string TooSlow = "A service that the answer depends on did not answer in time.";
    private const string Broken = "A service that the answer depends on could not be reached, or failed.";

    // A slot is free as soon as one call ends.
    private static readonly TimeSpan UntilThereIsRoom = TimeSpan.FromSeconds(1);

    // It is not known when an isolated circuit is reset; this is the default time for which one is open.
    private static readonly TimeSpan UntilCircuitIsReset = TimeSpan.FromSeconds(30);

    /// <summary>The answer, or <see langword="null"/> if the exception is no failure of a dependency.</summary>
    public static FailureAnswer? Of(Exception exception) => Mapped(exception) switch
    {
        CircuitOpenException circuit => new(StatusCodes.Status503ServiceUnavailable, Unavailable, circuit.RetryAfter ?? UntilCircuitIsReset, WasCalled: false),
        PoolTimeoutException full => new(StatusCodes.Status503ServiceUnavailable, NoRoom, UntilPermitted(full) ?? UntilThereIsRoom, WasCalled: false),
        ApiTimeoutException => new(StatusCodes.Status504GatewayTimeout, TooSlow),
        ApiUnavailableException { StatusCode: HttpStatusCode.ServiceUnavailable or HttpStatusCode.TooManyRequests } busy =>
            new(StatusCodes.Status503ServiceUnavailable, Unavailable, busy.RetryAfter),
        ApiConnectionException => new(StatusCodes.Status502BadGateway, Broken),

        // The service still works on an earlier attempt of this call.
        ApiConflictException { InnerException: HttpStatusException { RetryAfter: { } wait } } => new(StatusCodes.Status503ServiceUnavailable, Unavailable, wait),

        // Created by an application; a pipeline creates an ApiServerErrorException.
        ApiStatusException { StatusCode: >= HttpStatusCode.InternalServerError } => new(StatusCodes.Status502BadGateway, Broken),

        // Any other status: this application sent a wrong request. Its own caller did not, and gets a 500 as for any fault here.
        _ => null,
    };

    // Only exceptions that come from nothing but a pipeline and its transport; a bare TimeoutException may come from anything.
    private static Exception Mapped(Exception exception) => exception is ExecutionRejectedException or PhaseTimeoutException or HttpStatusException
        ? ApiFailures.Map(exception, pipelineName: "", requestId: null, attempts: 0)
        : exception;

    private static TimeSpan? UntilPermitted(PoolTimeoutException full) => full is RateLimitedException limited
        ? limited.RetryAfter
        : (full.InnerException as RateLimiterRejectedException)?.RetryAfter;
}
