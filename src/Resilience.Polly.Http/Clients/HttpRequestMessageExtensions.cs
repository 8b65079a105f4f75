using Resilience.Polly.Http;
using Resilience.Polly.Http.Requests;

namespace System.Net.Http;

/// <summary>The id and the options of one request of an ordinary HttpClient.</summary>
public static class ResilienceHttpRequestMessageExtensions
{
    /// <summary>Sets options of this request that differ from those of its client, which has a pipeline by <c>AddResilience</c>.</summary>
    /// <param name="request">The request, before it is sent.</param>
    /// <param name="options">The options.</param>
    /// <returns>The same request.</returns>
    /// <exception cref="ArgumentNullException">An argument is <see langword="null"/>.</exception>
    /// <exception cref="ArgumentException">The options are out of range, or contain an invalid header.</exception>
    public static HttpRequestMessage SetRequestOptions(this HttpRequestMessage request, ResilientRequestOptions options)
    {
        ArgumentNullException.ThrowIfNull(request);
        ArgumentNullException.ThrowIfNull(options);
        options.ThrowIfInvalid();
        options.ApplyHeaders(request);
        (CallSetup.Of(request) with { Options = options }).AttachTo(request);
        return request;
    }

    /// <summary>
    /// Sets the id of the call, the same on all its attempts (guide: "Idempotency: The Key to Safe Retries"). It means that the service recognises a repetition
    /// by it, so POST and PATCH are retried too.
    /// </summary>
    /// <param name="request">The request, before it is sent.</param>
    /// <param name="requestId">1 to 255 printable ASCII characters, not beginning or ending with a space. It replaces the headers <c>X-Request-ID</c> and <c>Idempotency-Key</c> of the request.</param>
    /// <returns>The same request.</returns>
    /// <exception cref="ArgumentNullException">An argument is <see langword="null"/>.</exception>
    /// <exception cref="ArgumentException">The id is not valid.</exception>
    public static HttpRequestMessage SetRequestId(this HttpRequestMessage request, string requestId)
    {
        ArgumentNullException.ThrowIfNull(request);
        ArgumentNullException.ThrowIfNull(requestId);
        RequestIds.ThrowIfInvalid(requestId, nameof(requestId));
        (CallSetup.Of(request) with { RequestId = requestId }).AttachTo(request);
        return request;
    }

    /// <summary>The options of a request. The messages of its attempts have them too, for handlers below the pipeline.</summary>
    /// <param name="request">The request.</param>
    /// <returns>Its options, or <see langword="null"/> if it has none.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="request"/> is <see langword="null"/>.</exception>
    public static ResilientRequestOptions? GetRequestOptions(this HttpRequestMessage request)
    {
        ArgumentNullException.ThrowIfNull(request);
        return CallSetup.Of(request).Options;
    }
}
