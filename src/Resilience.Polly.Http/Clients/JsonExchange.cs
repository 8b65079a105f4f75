namespace Resilience.Polly.Http.Clients;

/// <summary>The common part of all methods for JSON.</summary>
internal static class JsonExchange
{
    public static Task<HttpResponseMessage> SendAsync(
        ResilientClient client, HttpMethod method, string address, HttpContent? content, string? requestId, ResilientRequestOptions? options, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(client);
        return client.SendAsync(method, address, content, requestId, options, readsWhole: false, cancellationToken);
    }

    /// <summary>Sends a request whose answer is read here, and so never streamed.</summary>
    public static async Task<TResult?> SendAsync<TResult>(
        ResilientClient client, HttpMethod method, string address, HttpContent? content, string? requestId, ResilientRequestOptions? options,
        Func<HttpContent, Task<TResult?>> read, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(client);
        using var response = await client.SendAsync(method, address, content, requestId, options, readsWhole: true, cancellationToken).ConfigureAwait(false);
        return await read(response.Content).ConfigureAwait(false);
    }
}
