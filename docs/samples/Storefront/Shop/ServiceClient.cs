using System.Net.Http.Json;
using Polly;
using Resilience.Polly;

namespace Storefront;

/// <summary>Calls one service through its pipeline.</summary>
internal sealed class ServiceClient(ResiliencePipeline pipeline, Uri address) : IDisposable
{
    public const string RequestIdHeader = "X-Request-ID";

    // The pipeline says how long a call may take; HttpClient's own 100 s would only be a second opinion.
    private readonly HttpClient _http = new() { BaseAddress = address, Timeout = Timeout.InfiniteTimeSpan };

    public Task<T> GetAsync<T>(string path, CancellationToken cancellationToken = default) =>
        SendAsync<T>(HttpMethod.Get, path, null, NewId(), cancellationToken);

    /// <param name="path">Where to.</param>
    /// <param name="body">What.</param>
    /// <param name="requestId">By what id the service knows a repeated request, where the caller needs to know it too.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public Task<T> PostAsync<T>(string path, object body, string? requestId = null, CancellationToken cancellationToken = default) =>
        SendAsync<T>(HttpMethod.Post, path, body, requestId ?? NewId(), cancellationToken);

    public void Dispose() => _http.Dispose();

    private async Task<T> SendAsync<T>(HttpMethod method, string path, object? body, string requestId, CancellationToken cancellationToken)
    {
        var context = ResilienceContextPool.Shared.Get(cancellationToken);
        context.Properties.Set(CallProperties.RequestId, requestId);
        try
        {
            return await pipeline.ExecuteAsync(
                async attempt => await AttemptAsync<T>(method, path, body, requestId, attempt.CancellationToken), context);
        }
        finally
        {
            ResilienceContextPool.Shared.Return(context);
        }
    }

    /// <summary>One attempt: a fresh message, the same id, and the answer read whole, so that an answer that breaks off is retried too.</summary>
    private async Task<T> AttemptAsync<T>(HttpMethod method, string path, object? body, string requestId, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(method, path) { Content = body is null ? null : JsonContent.Create(body) };
        request.Headers.Add(RequestIdHeader, requestId);
        using var response = await _http.SendAsync(request, cancellationToken);
        response.EnsureSuccessStatusCode();
        return (await response.Content.ReadFromJsonAsync<T>(cancellationToken))!;
    }

    private static string NewId() => Guid.CreateVersion7().ToString();
}
