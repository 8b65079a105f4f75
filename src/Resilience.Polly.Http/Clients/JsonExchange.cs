namespace Resilience.Polly.Http;

/// <summary>What all forms for JSON do.</summary>
internal static class JsonExchange
{
    public static Task<HttpResponseMessage> SendAsync(
        ResilientClient client, HttpMethod method, string address, HttpContent? content, string? requestId, RequestOptions? options, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(client);
        return client.SendAsync(method, address, content, requestId, options, cancellationToken);
    }

    public static async Task<TResult?> ReadAsync<TResult>(Task<HttpResponseMessage> sending, Func<HttpContent, Task<TResult?>> read)
    {
        using var response = await sending.ConfigureAwait(false);
        return await read(response.Content).ConfigureAwait(false);
    }
}
