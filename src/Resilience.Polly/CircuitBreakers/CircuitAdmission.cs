namespace Resilience.Polly.CircuitBreakers;

/// <summary>The answer of a circuit to a call.</summary>
/// <param name="Permit">The admission, or <see langword="null"/> if the call is rejected.</param>
/// <param name="Transition">Set if the call is the probe that makes the circuit half-open.</param>
/// <param name="RetryAfter">
/// The time until a rejected call may come back, from the state that rejected it: when the caller reads it, the circuit
/// may be closed and have no such time. <see langword="null"/> if the circuit is isolated without end.
/// </param>
/// <param name="OpenedBy">The note on what opened the circuit that rejects the call.</param>
/// <param name="At">The timestamp at which a call was rejected.</param>
internal readonly record struct CircuitAdmission(
    CircuitPermit? Permit, CircuitStateChangedEvent? Transition = null, TimeSpan? RetryAfter = null, long At = 0, CircuitStateChangedEvent? OpenedBy = null);
