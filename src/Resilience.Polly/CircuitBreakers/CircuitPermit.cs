namespace Resilience.Polly.CircuitBreakers;

/// <summary>
/// The admission of one call. Its result counts only while the circuit is in the same epoch:
/// every transition begins a new one.
/// </summary>
internal readonly record struct CircuitPermit(long Epoch, bool IsProbe)
{
    /// <summary>The call runs but does not count: the circuit only observes, or is off.</summary>
    public static CircuitPermit Uncounted => new(-1, false);

    public bool Counts => Epoch >= 0;
}
