namespace Resilience.Polly.Primitives;

/// <summary>A subscription that ends when it is disposed.</summary>
internal sealed class Subscription(Action end) : IDisposable
{
    public void Dispose() => end();
}
