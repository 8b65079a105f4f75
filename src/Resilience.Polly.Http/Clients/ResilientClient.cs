using System.Diagnostics.CodeAnalysis;
using Resilience.Polly.Http.Calls;
using Resilience.Polly.Http.Clients;
using Resilience.Polly.Http.Requests;

namespace Resilience.Polly.Http;

/// <summary>
/// The guide's client: HTTP through a named pipeline, with four timeouts, one request id per call, retries that do no harm,
/// and an exception for every failure that says what to do (guide: "The Solution: Resilience Patterns").
/// </summary>
/// <remarks>
/// <para>Every method throws <see cref="ApiConnectionException"/> for infrastructure (degrade gracefully) and <see cref="ApiStatusException"/>
/// for a status that is no success (correct the request); <see cref="OperationCanceledException"/> when the caller gives up;
/// <see cref="ArgumentException"/> or <see cref="InvalidOperationException"/> before anything is sent when the request cannot be sent.</para>
/// <para>Relative addresses are put after <see cref="PipelineOptions.BaseAddress"/> as HttpClient does it: a base address that has a path
/// ends with a slash, and the relative one does not begin with one.</para>
/// <para>Safe for many threads at once. Injected by <c>[FromKeyedServices(name)]</c>, or made by <see cref="IResilientClientFactory"/>.</para>
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
    /// <param name="address">Where to; relative to the base address, or absolute.</param>
    /// <param name="requestId">The id of the call: 1 to 255 printable ASCII characters; made where it is left out.</param>
    /// <param name="options">What this request wants otherwise.</param>
    /// <param name="cancellationToken">The caller gives up.</param>
    /// <returns>The answer, with its body read unless <see cref="ResilientRequestOptions.StreamResponse"/> is set. Dispose it.</returns>
    public Task<HttpResponseMessage> GetAsync(
        [StringSyntax(StringSyntaxAttribute.Uri)] string address, string? requestId = null, ResilientRequestOptions? options = null, CancellationToken cancellationToken = default) =>
        SendAsync(HttpMethod.Get, address, null, requestId, options, readsWhole: false, cancellationToken);

    /// <summary>Sends POST, which is retried only when the request id was given, when the pipeline says that the service deduplicates, or when the request surely was not sent.</summary>
    /// <param name="address">Where to; relative to the base address, or absolute.</param>
    /// <param name="content">The body; one that cannot be read twice is repeated from a copy where it is not larger than <see cref="IdempotencyOptions.MaxRequestBufferSize"/>, and sent once beyond it.</param>
    /// <param name="requestId">The id of the call, by which the service recognises a repetition: 1 to 255 printable ASCII characters.</param>
    /// <param name="options">What this request wants otherwise.</param>
    /// <param name="cancellationToken">The caller gives up.</param>
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

    /// <summary>Sends a message of one's own, once.</summary>
    /// <param name="request">The request. It is not disposed, and a copy of it is sent on each attempt.</param>
    /// <param name="requestId">The id of the call: 1 to 255 printable ASCII characters; the one set on the message where it is left out.</param>
    /// <param name="options">What this request wants otherwise; those that were set on the message where it is left out.</param>
    /// <param name="cancellationToken">The caller gives up.</param>
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

    // The pipeline has read the body when the answer comes, or was asked not to.
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
