namespace Resilience.Polly.CircuitBreakers;

/// <summary>The answer of a circuit to a call that wants in.</summary>
/// <param name="Permit">The admission, or <see langword="null"/> when the call is rejected.</param>
/// <param name="Transition">Set when the call was let in as the probe that makes the circuit half-open.</param>
/// <param name="RetryAfter">
/// When a rejected call may come back, read from the state that rejected it: by the time the caller asks, the circuit
/// may be closed, which would look as if there were no such time. <see langword="null"/> when the circuit is isolated.
/// </param>
/// <param name="OpenedBy">The note on what opened the circuit that rejects the call.</param>
/// <param name="At">The timestamp at which a call was rejected.</param>
internal readonly record struct CircuitAdmission(
    CircuitPermit? Permit, CircuitStateChangedEvent? Transition = null, TimeSpan? RetryAfter = null, long At = 0, CircuitStateChangedEvent? OpenedBy = null);
