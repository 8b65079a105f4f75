using System.Net;
using Resilience.Polly.Failures;

namespace Resilience.Polly;

/// <summary>
/// A service answered with a status that is no success. A pipeline turns it into <see cref="ApiUnavailableException"/> or
/// <see cref="ApiStatusException"/>; with <see cref="PipelineOptions.MapExceptions"/> off it reaches the caller as it is.
/// </summary>
#pragma warning disable CA1032 // without a status it says nothing
public sealed class HttpStatusException : HttpRequestException
#pragma warning restore CA1032
{
    /// <summary>Makes one of an answer, with its status and its <c>Retry-After</c>.</summary>
    /// <param name="response">The answer; its body is left alone.</param>
    /// <param name="clock">The clock that a date in <c>Retry-After</c> is compared with where the answer has no <c>Date</c>; the system's where it is left out.</param>
    /// <exception cref="ArgumentNullException"><paramref name="response"/> is <see langword="null"/>.</exception>
    public HttpStatusException(HttpResponseMessage response, TimeProvider? clock = null)
        : base($"The service answered {(int)StatusOf(response)}.", null, response.StatusCode) =>
        RetryAfter = RetryAfterHint.Of(response, clock ?? TimeProvider.System);

    /// <summary>For an answer that nobody gave.</summary>
    internal HttpStatusException(HttpStatusCode status, string message)
        : base(message, null, status)
    {
    }

    /// <summary>
    /// What the service asked for in <c>Retry-After</c>, in seconds or as a date, or in milliseconds in <c>retry-after-ms</c> or <c>x-ms-retry-after-ms</c>.
    /// <see langword="null"/> where it is missing or malformed, <see cref="TimeSpan.MaxValue"/> where it is longer than that.
    /// </summary>
    public TimeSpan? RetryAfter { get; }

    /// <summary>The problem details of the body, where it had any.</summary>
    public ApiProblem? Problem { get; init; }

    /// <summary>The beginning of the body as text, or <see langword="null"/> where there was none. It may hold anything: do not log it unseen.</summary>
    public string? BodyExcerpt { get; init; }

    private static HttpStatusCode StatusOf(HttpResponseMessage response)
    {
        ArgumentNullException.ThrowIfNull(response);
        return response.StatusCode;
    }
}
