using Microsoft.AspNetCore.Http.Features;

namespace Resilience.Polly.AspNetCore.Idempotency.Execution;

/// <summary>The lifetime of a request, as its handler sees it: a caller that hangs up does not end it.</summary>
internal sealed class HandlerLifetime : IHttpRequestLifetimeFeature, IDisposable
{
    private readonly IFeatureCollection _features;
    private readonly IHttpRequestLifetimeFeature _request;
    private readonly CancellationTokenSource _source;

    public HandlerLifetime(IFeatureCollection features, CancellationToken hostStop)
    {
        (_features, _request) = (features, features.GetRequiredFeature<IHttpRequestLifetimeFeature>());
        _source = CancellationTokenSource.CreateLinkedTokenSource(hostStop);
        RequestAborted = _source.Token;
        features.Set<IHttpRequestLifetimeFeature>(this);
    }

    public CancellationToken RequestAborted { get; set; }

    /// <summary>Called by the handler, not by the caller.</summary>
    public void Abort()
    {
        _request.Abort();
        _source.Cancel();
    }

    /// <summary>Gives the request its own lifetime back.</summary>
    public void Dispose()
    {
        _features.Set(_request);
        _source.Dispose();
    }
}
