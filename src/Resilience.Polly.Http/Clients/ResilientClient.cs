using System.Diagnostics.CodeAnalysis;

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
    private readonly LiveSettings _settings;
    private readonly string _pipelineName;

    internal ResilientClient(string name, string pipelineName, HttpClient http, LiveSettings settings) =>
        (Name, _pipelineName, _http, _settings) = (name, pipelineName, http, settings);

    /// <summary>The name that the client was added with.</summary>
    public string Name { get; }

    /// <summary>Sends GET.</summary>
    /// <param name="address">Where to; relative to the base address, or absolute.</param>
    /// <param name="requestId">The id of the call: 1 to 255 printable ASCII characters; made where it is left out.</param>
    /// <param name="options">What this request wants otherwise.</param>
    /// <param name="cancellationToken">The caller gives up.</param>
    /// <returns>The answer, with its body read unless <see cref="RequestOptions.StreamResponse"/> is set. Dispose it.</returns>
    public Task<HttpResponseMessage> GetAsync(
        [StringSyntax(StringSyntaxAttribute.Uri)] string address, string? requestId = null, RequestOptions? options = null, CancellationToken cancellationToken = default) =>
        SendAsync(HttpMethod.Get, address, null, requestId, options, cancellationToken);

    /// <summary>Sends POST, which is retried only when the request id was given, when the pipeline says that the service deduplicates, or when the request surely was not sent.</summary>
    /// <param name="address">Where to; relative to the base address, or absolute.</param>
    /// <param name="content">The body; one that cannot be read twice is sent once.</param>
    /// <param name="requestId">The id of the call, by which the service recognises a repetition: 1 to 255 printable ASCII characters.</param>
    /// <param name="options">What this request wants otherwise.</param>
    /// <param name="cancellationToken">The caller gives up.</param>
    /// <returns>The answer. Dispose it.</returns>
    public Task<HttpResponseMessage> PostAsync(
        [StringSyntax(StringSyntaxAttribute.Uri)] string address, HttpContent? content, string? requestId = null, RequestOptions? options = null, CancellationToken cancellationToken = default) =>
        SendAsync(HttpMethod.Post, address, content, requestId, options, cancellationToken);

    /// <summary>Sends PUT.</summary>
    /// <inheritdoc cref="PostAsync"/>
    public Task<HttpResponseMessage> PutAsync(
        [StringSyntax(StringSyntaxAttribute.Uri)] string address, HttpContent? content, string? requestId = null, RequestOptions? options = null, CancellationToken cancellationToken = default) =>
        SendAsync(HttpMethod.Put, address, content, requestId, options, cancellationToken);

    /// <summary>Sends PATCH, which is retried as POST is.</summary>
    /// <inheritdoc cref="PostAsync"/>
    public Task<HttpResponseMessage> PatchAsync(
        [StringSyntax(StringSyntaxAttribute.Uri)] string address, HttpContent? content, string? requestId = null, RequestOptions? options = null, CancellationToken cancellationToken = default) =>
        SendAsync(HttpMethod.Patch, address, content, requestId, options, cancellationToken);

    /// <summary>Sends DELETE.</summary>
    /// <inheritdoc cref="GetAsync"/>
    public Task<HttpResponseMessage> DeleteAsync(
        [StringSyntax(StringSyntaxAttribute.Uri)] string address, string? requestId = null, RequestOptions? options = null, CancellationToken cancellationToken = default) =>
        SendAsync(HttpMethod.Delete, address, null, requestId, options, cancellationToken);

    /// <summary>Sends a message of one's own, once.</summary>
    /// <param name="request">The request. It is not disposed, and a copy of it is sent on each attempt.</param>
    /// <param name="requestId">The id of the call: 1 to 255 printable ASCII characters; made where it is left out.</param>
    /// <param name="options">What this request wants otherwise; those that were set on the message where it is left out.</param>
    /// <param name="cancellationToken">The caller gives up.</param>
    /// <returns>The answer. Dispose it.</returns>
    public Task<HttpResponseMessage> SendAsync(
        HttpRequestMessage request, string? requestId = null, RequestOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(request);
        ThrowIfInvalid(requestId, options);
        options?.ApplyHeaders(request);
        request.RequestUri = Absolute(request.RequestUri);
        CallSetup.Failing(options ?? CallSetup.Of(request).Options, requestId).AttachTo(request);
        return SendAsync(request, cancellationToken);
    }

    internal Task<HttpResponseMessage> SendAsync(
        HttpMethod method, string address, HttpContent? content, string? requestId, RequestOptions? options, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(address);
        ThrowIfInvalid(requestId, options);
        var request = new CallMessage(method, Absolute(Parse(address)), CallSetup.Failing(options, requestId))
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

    private static void ThrowIfInvalid(string? requestId, RequestOptions? options)
    {
        if (requestId is not null)
        {
            RequestIds.ThrowIfInvalid(requestId, nameof(requestId));
        }

        options?.ThrowIfInvalid();
    }

    private static Uri Parse(string address) => Uri.TryCreate(address, UriKind.RelativeOrAbsolute, out var uri)
        ? uri
        : throw new ArgumentException("The address is neither an absolute nor a relative one.", nameof(address));

    private Uri Absolute(Uri? address)
    {
        // Part of an address that the application was given may stand here, and must not name another server.
        if (address?.OriginalString.StartsWith("//", StringComparison.Ordinal) == true)
        {
            throw new ArgumentException("The address begins with two slashes, which would name another server. Give an absolute address, or one slash.", nameof(address));
        }

        // On Unix "/orders" is an absolute address too, of a file.
        var isAbsolute = address is { IsAbsoluteUri: true } && !(address.IsFile && address.OriginalString.StartsWith('/'));
        if (isAbsolute)
        {
            return address!.Scheme is "http" or "https"
                ? address
                : throw new ArgumentException($"The scheme of the address is {address.Scheme}; allowed are http and https.", nameof(address));
        }

        // Read with each call, so that a changed configuration reaches clients that are kept.
        var from = _settings.Of(_pipelineName).BaseAddress ?? _http.BaseAddress ?? throw new InvalidOperationException(
            $"The address is relative, and client '{Name}' has no base address. " +
            $"Set BaseAddress of pipeline '{_pipelineName}', or give an absolute address.");
        return address is null ? from : new Uri(from, address.OriginalString);
    }
}
