using System.Diagnostics.CodeAnalysis;
using System.Net.Http.Json;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Resilience.Polly.Http.Clients;

#pragma warning disable CS1573 // the texts of the other parameters are inherited
#pragma warning disable RS0026 // the overloads differ in the number of their type parameters, so no call fits two of them

namespace Resilience.Polly.Http;

/// <summary>JSON in and out, by type information from generated code; safe for trimming and ahead-of-time compilation.</summary>
public static class ResilientClientJsonTypeInfoExtensions
{
    /// <summary>Sends GET and reads the answer. A body that is not the JSON of a value gives <see cref="JsonException"/>.</summary>
    /// <typeparam name="TResult">The type of the value.</typeparam>
    /// <param name="client">The client.</param>
    /// <param name="address">The address, absolute or relative to the base address.</param>
    /// <param name="resultType">How the value is read.</param>
    /// <param name="requestId">The id of the call: 1 to 255 printable ASCII characters; the library makes one if omitted.</param>
    /// <param name="options">Options that differ from those of the client.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    /// <returns>The value; <see langword="null"/> for JSON's null.</returns>
    public static Task<TResult?> GetJsonAsync<TResult>(
        this ResilientClient client, [StringSyntax(StringSyntaxAttribute.Uri)] string address, JsonTypeInfo<TResult> resultType,
        string? requestId = null, ResilientRequestOptions? options = null, CancellationToken cancellationToken = default) =>
        ExchangeAsync(client, HttpMethod.Get, address, null, resultType, requestId, options, cancellationToken);

    /// <summary>Sends DELETE and reads the answer. A body that is not the JSON of a value gives <see cref="JsonException"/>.</summary>
    /// <inheritdoc cref="GetJsonAsync{TResult}(ResilientClient, string, JsonTypeInfo{TResult}, string, ResilientRequestOptions, CancellationToken)"/>
    public static Task<TResult?> DeleteJsonAsync<TResult>(
        this ResilientClient client, [StringSyntax(StringSyntaxAttribute.Uri)] string address, JsonTypeInfo<TResult> resultType,
        string? requestId = null, ResilientRequestOptions? options = null, CancellationToken cancellationToken = default) =>
        ExchangeAsync(client, HttpMethod.Delete, address, null, resultType, requestId, options, cancellationToken);

    /// <summary>Sends POST with a value. It is retried as <see cref="ResilientClient.PostAsync"/> says.</summary>
    /// <typeparam name="TBody">The type of the value that is sent.</typeparam>
    /// <param name="client">The client.</param>
    /// <param name="address">The address, absolute or relative to the base address.</param>
    /// <param name="body">The value; serialized again for each attempt.</param>
    /// <param name="bodyType">How the value is written.</param>
    /// <param name="requestId">The id of the call: 1 to 255 printable ASCII characters; the library makes one if omitted.</param>
    /// <param name="options">Options that differ from those of the client.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    /// <returns>The answer. Dispose it.</returns>
    public static Task<HttpResponseMessage> PostJsonAsync<TBody>(
        this ResilientClient client, [StringSyntax(StringSyntaxAttribute.Uri)] string address, TBody body, JsonTypeInfo<TBody> bodyType,
        string? requestId = null, ResilientRequestOptions? options = null, CancellationToken cancellationToken = default) =>
        JsonExchange.SendAsync(client, HttpMethod.Post, address, JsonContent.Create(body, bodyType), requestId, options, cancellationToken);

    /// <summary>Sends POST with a value and reads the answer. It is retried as <see cref="ResilientClient.PostAsync"/> says.</summary>
    /// <typeparam name="TBody">The type of the value that is sent.</typeparam>
    /// <typeparam name="TResult">The type of the value that is read.</typeparam>
    /// <param name="resultType">How the answer is read.</param>
    /// <returns>The value that was read; <see langword="null"/> for JSON's null.</returns>
    /// <inheritdoc cref="PostJsonAsync{TBody}(ResilientClient, string, TBody, JsonTypeInfo{TBody}, string, ResilientRequestOptions, CancellationToken)"/>
    public static Task<TResult?> PostJsonAsync<TBody, TResult>(
        this ResilientClient client, [StringSyntax(StringSyntaxAttribute.Uri)] string address, TBody body, JsonTypeInfo<TBody> bodyType, JsonTypeInfo<TResult> resultType,
        string? requestId = null, ResilientRequestOptions? options = null, CancellationToken cancellationToken = default) =>
        ExchangeAsync(client, HttpMethod.Post, address, JsonContent.Create(body, bodyType), resultType, requestId, options, cancellationToken);

    /// <summary>Sends PUT with a value.</summary>
    /// <inheritdoc cref="PostJsonAsync{TBody}(ResilientClient, string, TBody, JsonTypeInfo{TBody}, string, ResilientRequestOptions, CancellationToken)"/>
    public static Task<HttpResponseMessage> PutJsonAsync<TBody>(
        this ResilientClient client, [StringSyntax(StringSyntaxAttribute.Uri)] string address, TBody body, JsonTypeInfo<TBody> bodyType,
        string? requestId = null, ResilientRequestOptions? options = null, CancellationToken cancellationToken = default) =>
        JsonExchange.SendAsync(client, HttpMethod.Put, address, JsonContent.Create(body, bodyType), requestId, options, cancellationToken);

    /// <summary>Sends PUT with a value and reads the answer.</summary>
    /// <inheritdoc cref="PostJsonAsync{TBody, TResult}(ResilientClient, string, TBody, JsonTypeInfo{TBody}, JsonTypeInfo{TResult}, string, ResilientRequestOptions, CancellationToken)"/>
    public static Task<TResult?> PutJsonAsync<TBody, TResult>(
        this ResilientClient client, [StringSyntax(StringSyntaxAttribute.Uri)] string address, TBody body, JsonTypeInfo<TBody> bodyType, JsonTypeInfo<TResult> resultType,
        string? requestId = null, ResilientRequestOptions? options = null, CancellationToken cancellationToken = default) =>
        ExchangeAsync(client, HttpMethod.Put, address, JsonContent.Create(body, bodyType), resultType, requestId, options, cancellationToken);

    /// <summary>Sends PATCH with a value. It is retried as <see cref="ResilientClient.PatchAsync"/> says.</summary>
    /// <inheritdoc cref="PostJsonAsync{TBody}(ResilientClient, string, TBody, JsonTypeInfo{TBody}, string, ResilientRequestOptions, CancellationToken)"/>
    public static Task<HttpResponseMessage> PatchJsonAsync<TBody>(
        this ResilientClient client, [StringSyntax(StringSyntaxAttribute.Uri)] string address, TBody body, JsonTypeInfo<TBody> bodyType,
        string? requestId = null, ResilientRequestOptions? options = null, CancellationToken cancellationToken = default) =>
        JsonExchange.SendAsync(client, HttpMethod.Patch, address, JsonContent.Create(body, bodyType), requestId, options, cancellationToken);

    /// <summary>Sends PATCH with a value and reads the answer. It is retried as <see cref="ResilientClient.PatchAsync"/> says.</summary>
    /// <inheritdoc cref="PostJsonAsync{TBody, TResult}(ResilientClient, string, TBody, JsonTypeInfo{TBody}, JsonTypeInfo{TResult}, string, ResilientRequestOptions, CancellationToken)"/>
    public static Task<TResult?> PatchJsonAsync<TBody, TResult>(
        this ResilientClient client, [StringSyntax(StringSyntaxAttribute.Uri)] string address, TBody body, JsonTypeInfo<TBody> bodyType, JsonTypeInfo<TResult> resultType,
        string? requestId = null, ResilientRequestOptions? options = null, CancellationToken cancellationToken = default) =>
        ExchangeAsync(client, HttpMethod.Patch, address, JsonContent.Create(body, bodyType), resultType, requestId, options, cancellationToken);

    private static Task<TResult?> ExchangeAsync<TResult>(
        ResilientClient client, HttpMethod method, string address, HttpContent? content, JsonTypeInfo<TResult> resultType,
        string? requestId, ResilientRequestOptions? options, CancellationToken cancellationToken) =>
        JsonExchange.SendAsync(client, method, address, content, requestId, options, answer => answer.ReadFromJsonAsync(resultType, cancellationToken), cancellationToken);
}
