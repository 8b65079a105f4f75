using System.Diagnostics.CodeAnalysis;
using System.Net.Http.Json;
using System.Text.Json;
using Resilience.Polly.Http.Clients;

#pragma warning disable RS0026 // the overloads differ in the number of their type parameters, so no call fits two of them

namespace Resilience.Polly.Http;

/// <summary>JSON in and out, by reflection over the types of the application.</summary>
/// <remarks>If your application is trimmed or compiled ahead of time, use the overloads with type information from generated code.</remarks>
public static class ResilientClientJsonExtensions
{
    private const string Reflection = "JSON by reflection needs members that trimming may remove. Use the overload with JsonTypeInfo.";

    /// <summary>Sends GET and reads the answer. A body that is not the JSON of a value gives <see cref="JsonException"/>.</summary>
    /// <typeparam name="TResult">The type of the value.</typeparam>
    /// <param name="client">The client.</param>
    /// <param name="address">The address, absolute or relative to the base address.</param>
    /// <param name="requestId">The id of the call: 1 to 255 printable ASCII characters; the library makes one if omitted.</param>
    /// <param name="options">Options that differ from those of the client.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    /// <returns>The value; <see langword="null"/> for JSON's null.</returns>
    [RequiresUnreferencedCode(Reflection), RequiresDynamicCode(Reflection)]
    public static Task<TResult?> GetJsonAsync<TResult>(
        this ResilientClient client, [StringSyntax(StringSyntaxAttribute.Uri)] string address,
        string? requestId = null, ResilientRequestOptions? options = null, CancellationToken cancellationToken = default) =>
        ExchangeAsync<TResult>(client, HttpMethod.Get, address, null, requestId, options, cancellationToken);

    /// <summary>Sends DELETE and reads the answer. A body that is not the JSON of a value gives <see cref="JsonException"/>.</summary>
    /// <inheritdoc cref="GetJsonAsync{TResult}(ResilientClient, string, string, ResilientRequestOptions, CancellationToken)"/>
    [RequiresUnreferencedCode(Reflection), RequiresDynamicCode(Reflection)]
    public static Task<TResult?> DeleteJsonAsync<TResult>(
        this ResilientClient client, [StringSyntax(StringSyntaxAttribute.Uri)] string address,
        string? requestId = null, ResilientRequestOptions? options = null, CancellationToken cancellationToken = default) =>
        ExchangeAsync<TResult>(client, HttpMethod.Delete, address, null, requestId, options, cancellationToken);

    /// <summary>Sends POST with a value. It is retried as <see cref="ResilientClient.PostAsync"/> says.</summary>
    /// <typeparam name="TBody">The type of the value that is sent.</typeparam>
    /// <param name="client">The client.</param>
    /// <param name="address">The address, absolute or relative to the base address.</param>
    /// <param name="body">The value; serialized again for each attempt.</param>
    /// <param name="requestId">The id of the call: 1 to 255 printable ASCII characters; the library makes one if omitted.</param>
    /// <param name="options">Options that differ from those of the client.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    /// <returns>The answer. Dispose it.</returns>
    [RequiresUnreferencedCode(Reflection), RequiresDynamicCode(Reflection)]
    public static Task<HttpResponseMessage> PostJsonAsync<TBody>(
        this ResilientClient client, [StringSyntax(StringSyntaxAttribute.Uri)] string address, TBody body,
        string? requestId = null, ResilientRequestOptions? options = null, CancellationToken cancellationToken = default) =>
        JsonExchange.SendAsync(client, HttpMethod.Post, address, JsonContent.Create(body), requestId, options, cancellationToken);

    /// <summary>Sends POST with a value and reads the answer. It is retried as <see cref="ResilientClient.PostAsync"/> says.</summary>
    /// <typeparam name="TBody">The type of the value that is sent.</typeparam>
    /// <typeparam name="TResult">The type of the value that is read.</typeparam>
    /// <returns>The value that was read; <see langword="null"/> for JSON's null.</returns>
    /// <inheritdoc cref="PostJsonAsync{TBody}(ResilientClient, string, TBody, string, ResilientRequestOptions, CancellationToken)"/>
    [RequiresUnreferencedCode(Reflection), RequiresDynamicCode(Reflection)]
    public static Task<TResult?> PostJsonAsync<TBody, TResult>(
        this ResilientClient client, [StringSyntax(StringSyntaxAttribute.Uri)] string address, TBody body,
        string? requestId = null, ResilientRequestOptions? options = null, CancellationToken cancellationToken = default) =>
        ExchangeAsync<TResult>(client, HttpMethod.Post, address, JsonContent.Create(body), requestId, options, cancellationToken);

    /// <summary>Sends PUT with a value.</summary>
    /// <inheritdoc cref="PostJsonAsync{TBody}(ResilientClient, string, TBody, string, ResilientRequestOptions, CancellationToken)"/>
    [RequiresUnreferencedCode(Reflection), RequiresDynamicCode(Reflection)]
    public static Task<HttpResponseMessage> PutJsonAsync<TBody>(
        this ResilientClient client, [StringSyntax(StringSyntaxAttribute.Uri)] string address, TBody body,
        string? requestId = null, ResilientRequestOptions? options = null, CancellationToken cancellationToken = default) =>
        JsonExchange.SendAsync(client, HttpMethod.Put, address, JsonContent.Create(body), requestId, options, cancellationToken);

    /// <summary>Sends PUT with a value and reads the answer.</summary>
    /// <inheritdoc cref="PostJsonAsync{TBody, TResult}(ResilientClient, string, TBody, string, ResilientRequestOptions, CancellationToken)"/>
    [RequiresUnreferencedCode(Reflection), RequiresDynamicCode(Reflection)]
    public static Task<TResult?> PutJsonAsync<TBody, TResult>(
        this ResilientClient client, [StringSyntax(StringSyntaxAttribute.Uri)] string address, TBody body,
        string? requestId = null, ResilientRequestOptions? options = null, CancellationToken cancellationToken = default) =>
        ExchangeAsync<TResult>(client, HttpMethod.Put, address, JsonContent.Create(body), requestId, options, cancellationToken);

    /// <summary>Sends PATCH with a value. It is retried as <see cref="ResilientClient.PatchAsync"/> says.</summary>
    /// <inheritdoc cref="PostJsonAsync{TBody}(ResilientClient, string, TBody, string, ResilientRequestOptions, CancellationToken)"/>
    [RequiresUnreferencedCode(Reflection), RequiresDynamicCode(Reflection)]
    public static Task<HttpResponseMessage> PatchJsonAsync<TBody>(
        this ResilientClient client, [StringSyntax(StringSyntaxAttribute.Uri)] string address, TBody body,
        string? requestId = null, ResilientRequestOptions? options = null, CancellationToken cancellationToken = default) =>
        JsonExchange.SendAsync(client, HttpMethod.Patch, address, JsonContent.Create(body), requestId, options, cancellationToken);

    /// <summary>Sends PATCH with a value and reads the answer. It is retried as <see cref="ResilientClient.PatchAsync"/> says.</summary>
    /// <inheritdoc cref="PostJsonAsync{TBody, TResult}(ResilientClient, string, TBody, string, ResilientRequestOptions, CancellationToken)"/>
    [RequiresUnreferencedCode(Reflection), RequiresDynamicCode(Reflection)]
    public static Task<TResult?> PatchJsonAsync<TBody, TResult>(
        this ResilientClient client, [StringSyntax(StringSyntaxAttribute.Uri)] string address, TBody body,
        string? requestId = null, ResilientRequestOptions? options = null, CancellationToken cancellationToken = default) =>
        ExchangeAsync<TResult>(client, HttpMethod.Patch, address, JsonContent.Create(body), requestId, options, cancellationToken);

    [RequiresUnreferencedCode(Reflection), RequiresDynamicCode(Reflection)]
    private static Task<TResult?> ExchangeAsync<TResult>(
        ResilientClient client, HttpMethod method, string address, HttpContent? content, string? requestId, ResilientRequestOptions? options, CancellationToken cancellationToken) =>
        JsonExchange.SendAsync(client, method, address, content, requestId, options, answer => answer.ReadFromJsonAsync<TResult>(cancellationToken), cancellationToken);
}
