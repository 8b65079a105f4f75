using System.Net;
using Resilience.Polly.Failures;

namespace Resilience.Polly;

/// <summary>
/// A service answered with a status other than success. A pipeline turns it into <see cref="ApiUnavailableException"/> or
/// <see cref="ApiStatusException"/>; with <see cref="PipelineOptions.MapExceptions"/> off it reaches the caller unchanged.
/// </summary>
public sealed class HttpStatusException : HttpRequestException
{
    /// <summary>Creates an exception from an answer, with its status and its <c>Retry-After</c>.</summary>
    /// <param name="response">The answer; its body is not read.</param>
    /// <param name="clock">The clock for a date in <c>Retry-After</c>, if the answer has no <c>Date</c>; the system's clock if omitted.</param>
    /// <exception cref="ArgumentNullException"><paramref name="response"/> is <see langword="null"/>.</exception>
    public HttpStatusException(HttpResponseMessage response, TimeProvider? clock = null)
        : base($"The service answered {(int)StatusOf(response)}.", null, response.StatusCode) =>
        RetryAfter = RetryAfterHint.Of(response, clock ?? TimeProvider.System);

    /// <summary>For an injected answer.</summary>
    internal HttpStatusException(HttpStatusCode status, string message)
        : base(message, null, status)
    {
    }

    /// <summary>
    /// The wait that the service asked for: <c>Retry-After</c> in seconds or as a date, or <c>retry-after-ms</c> or <c>x-ms-retry-after-ms</c> in milliseconds.
    /// <see langword="null"/> if it is missing or malformed, <see cref="TimeSpan.MaxValue"/> if a <see cref="TimeSpan"/> cannot hold it.
    /// </summary>
    public TimeSpan? RetryAfter { get; }

    /// <summary>The problem details of the body, if it had any.</summary>
    public ApiProblem? Problem { get; init; }

    /// <summary>The beginning of the body as text, or <see langword="null"/> if there was none. It may contain anything: do not log it unchecked.</summary>
    public string? BodyExcerpt { get; init; }

    private static HttpStatusCode StatusOf(HttpResponseMessage response)
    {
        ArgumentNullException.ThrowIfNull(response);
        return response.StatusCode;
    }
}
