namespace Resilience.Polly.CircuitBreakers;

/// <summary>
/// The admission of one call. Its result counts only while the circuit is still in the epoch that let the call in:
/// every transition begins a new one.
/// </summary>
internal readonly record struct CircuitPermit(long Epoch, bool IsProbe)
{
    /// <summary>Let in without a say: the circuit only observes, or is off.</summary>
    public static CircuitPermit Uncounted => new(-1, false);

    public bool Counts => Epoch >= 0;
}
