using Polly.CircuitBreaker;

namespace Resilience.Polly.CircuitBreakers.Shared;

/// <summary>What an instance has to tell the others about its circuit.</summary>
internal enum SharedCircuitStep
{
    /// <summary>Nothing: it says what the others know.</summary>
    None,

    /// <summary>Its own circuit has opened, and that of all is closed.</summary>
    Vote,

    /// <summary>Its probe has closed or opened the circuit of all.</summary>
    Change,

    /// <summary>A person has isolated or reset the circuit here.</summary>
    Force,
}

/// <summary>Compares the circuit here with the shared one, and decides what to send. It needs no list of past events, so an outage of the store loses nothing, and nothing is sent twice.</summary>
internal static class SharedCircuitSteps
{
    /// <param name="local">The circuit of this instance.</param>
    /// <param name="known">The circuit of all.</param>
    /// <param name="isTold">Whether the others know this state of the circuit, or it comes from them.</param>
    public static SharedCircuitStep Next(Circuit local, SharedCircuit known, bool isTold) =>
        isTold ? SharedCircuitStep.None
        : local.LastTransition is { IsManual: true } last && last.To == local.State ? SharedCircuitStep.Force
        : (local.State, known.State) switch
        {
            (CircuitState.Open, CircuitState.Closed) => SharedCircuitStep.Vote,
            (CircuitState.Open, _) or (CircuitState.Closed, not CircuitState.Closed) => SharedCircuitStep.Change,
            _ => SharedCircuitStep.None, // half-open is a matter of the instance that probes
        };
}
