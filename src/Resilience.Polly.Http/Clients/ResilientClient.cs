using System.Diagnostics.CodeAnalysis;
using Resilience.Polly.Http.Calls;
using Resilience.Polly.Http.Clients;
using Resilience.Polly.Http.Requests;

namespace Resilience.Polly.Http;

/// <summary>
/// The guide's client: HTTP through a named pipeline, with four timeouts, one request id per call, safe retries,
/// and an exception for every failure that says what to do (guide: "The Solution: Resilience Patterns").
/// </summary>
/// <remarks>
/// <para>Every method throws <see cref="ApiConnectionException"/> for infrastructure (degrade gracefully) and <see cref="ApiStatusException"/>
/// for a status other than success (correct the request). It throws <see cref="OperationCanceledException"/> if the caller cancels, and
/// <see cref="ArgumentException"/> or <see cref="InvalidOperationException"/>, before anything is sent, if the request cannot be sent.</para>
/// <para>Relative addresses are appended to <see cref="PipelineOptions.BaseAddress"/> as in HttpClient: a base address with a path
/// ends with a slash, and the relative one does not begin with one.</para>
/// <para>Safe for many threads at once. Inject it by <c>[FromKeyedServices(name)]</c>, or create it with <see cref="IResilientClientFactory"/>.</para>
/// </remarks>
public sealed class ResilientClient
{
    private readonly HttpClient _http;
    private readonly ClientAddresses _addresses;

    internal ResilientClient(string name, string pipelineName, HttpClient http, CurrentOptions settings) =>
        (Name, _http, _addresses) = (name, http, new ClientAddresses(name, pipelineName, http, settings));

    /// <summary>The name that the client was added with.</summary>
    public string Name { get; }

    /// <summary>Sends GET.</summary>
    /// <param name="address">The address, absolute or relative to the base address.</param>
    /// <param name="requestId">The id of the call: 1 to 255 printable ASCII characters; the library makes one if omitted.</param>
    /// <param name="options">Options that differ from those of the client.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    /// <returns>The answer, with its body read unless <see cref="ResilientRequestOptions.StreamResponse"/> is set. Dispose it.</returns>
    public Task<HttpResponseMessage> GetAsync(
        [StringSyntax(StringSyntaxAttribute.Uri)] string address, string? requestId = null, ResilientRequestOptions? options = null, CancellationToken cancellationToken = default) =>
        SendAsync(HttpMethod.Get, address, null, requestId, options, readsWhole: false, cancellationToken);

    /// <summary>Sends POST. It is retried only if the caller gave the request id, if the pipeline says that the service deduplicates, or if the request certainly was not sent.</summary>
    /// <param name="address">The address, absolute or relative to the base address.</param>
    /// <param name="content">The body. If it cannot be read twice, retries send a copy of up to <see cref="IdempotencyOptions.MaxRequestBufferSize"/>; a larger body is sent once.</param>
    /// <param name="requestId">The id of the call, by which the service recognises a repetition: 1 to 255 printable ASCII characters.</param>
    /// <param name="options">Options that differ from those of the client.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    /// <returns>The answer. Dispose it.</returns>
    public Task<HttpResponseMessage> PostAsync(
        [StringSyntax(StringSyntaxAttribute.Uri)] string address, HttpContent? content, string? requestId = null, ResilientRequestOptions? options = null, CancellationToken cancellationToken = default) =>
        SendAsync(HttpMethod.Post, address, content, requestId, options, readsWhole: false, cancellationToken);

    /// <summary>Sends PUT.</summary>
    /// <inheritdoc cref="PostAsync"/>
    public Task<HttpResponseMessage> PutAsync(
        [StringSyntax(StringSyntaxAttribute.Uri)] string address, HttpContent? content, string? requestId = null, ResilientRequestOptions? options = null, CancellationToken cancellationToken = default) =>
        SendAsync(HttpMethod.Put, address, content, requestId, options, readsWhole: false, cancellationToken);

    /// <summary>Sends PATCH, which is retried as POST is.</summary>
    /// <inheritdoc cref="PostAsync"/>
    public Task<HttpResponseMessage> PatchAsync(
        [StringSyntax(StringSyntaxAttribute.Uri)] string address, HttpContent? content, string? requestId = null, ResilientRequestOptions? options = null, CancellationToken cancellationToken = default) =>
        SendAsync(HttpMethod.Patch, address, content, requestId, options, readsWhole: false, cancellationToken);

    /// <summary>Sends DELETE.</summary>
    /// <inheritdoc cref="GetAsync"/>
    public Task<HttpResponseMessage> DeleteAsync(
        [StringSyntax(StringSyntaxAttribute.Uri)] string address, string? requestId = null, ResilientRequestOptions? options = null, CancellationToken cancellationToken = default) =>
        SendAsync(HttpMethod.Delete, address, null, requestId, options, readsWhole: false, cancellationToken);

    /// <summary>Sends a message of your own, once.</summary>
    /// <param name="request">The request. It is not disposed, and a copy of it is sent on each attempt.</param>
    /// <param name="requestId">The id of the call: 1 to 255 printable ASCII characters; the one set on the message if omitted.</param>
    /// <param name="options">Options that differ from those of the client; those set on the message if omitted.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    /// <returns>The answer. Dispose it.</returns>
    public Task<HttpResponseMessage> SendAsync(
        HttpRequestMessage request, string? requestId = null, ResilientRequestOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(request);
        ThrowIfInvalid(requestId, options);
        options?.ApplyHeaders(request);
        request.RequestUri = _addresses.Of(request.RequestUri);
        var onMessage = CallSetup.Of(request);
        CallSetup.Failing(options ?? onMessage.Options, requestId ?? onMessage.RequestId).AttachTo(request);
        return SendAsync(request, cancellationToken);
    }

    internal Task<HttpResponseMessage> SendAsync(
        HttpMethod method, string address, HttpContent? content, string? requestId, ResilientRequestOptions? options, bool readsWhole, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(address);
        ThrowIfInvalid(requestId, options);
        var request = new CallMessage(method, _addresses.Of(address), CallSetup.Failing(options, requestId, readsWhole))
        {
            Content = content,
            Version = _http.DefaultRequestVersion,
            VersionPolicy = _http.DefaultVersionPolicy,
        };
        options?.ApplyHeaders(request);
        return SendAsync(request, cancellationToken);
    }

    // The pipeline has already read the body, unless it is streamed.
    private Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) =>
        _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken);

    private static void ThrowIfInvalid(string? requestId, ResilientRequestOptions? options)
    {
        if (requestId is not null)
        {
            RequestIds.ThrowIfInvalid(requestId, nameof(requestId));
        }

        options?.ThrowIfInvalid();
    }
}
