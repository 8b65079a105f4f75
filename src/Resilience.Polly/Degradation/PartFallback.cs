namespace Resilience.Polly.Degradation;

/// <summary>What stands in for a part: a value, which is there at once, or a delegate, which may take its time.</summary>
internal sealed record PartFallback<T>(T? Value, Func<Exception, CancellationToken, ValueTask<T>>? Call = null)
{
    public ValueTask<T> GiveAsync(Exception failure, CancellationToken cancellationToken) => Call is null ? new(Value!) : Call(failure, cancellationToken);
}
