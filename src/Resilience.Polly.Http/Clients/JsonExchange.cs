namespace Resilience.Polly.Http.Clients;

/// <summary>What all forms for JSON do.</summary>
internal static class JsonExchange
{
    /// <summary>Sends a request whose answer the caller gets.</summary>
    public static Task<HttpResponseMessage> SendAsync(
        ResilientClient client, HttpMethod method, string address, HttpContent? content, string? requestId, ResilientRequestOptions? options, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(client);
        return client.SendAsync(method, address, content, requestId, options, readsWhole: false, cancellationToken);
    }

    /// <summary>Sends a request whose answer is read here, and never streamed: a value that is still on its way is none.</summary>
    public static async Task<TResult?> SendAsync<TResult>(
        ResilientClient client, HttpMethod method, string address, HttpContent? content, string? requestId, ResilientRequestOptions? options,
        Func<HttpContent, Task<TResult?>> read, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(client);
        using var response = await client.SendAsync(method, address, content, requestId, options, readsWhole: true, cancellationToken).ConfigureAwait(false);
        return await read(response.Content).ConfigureAwait(false);
    }
}
