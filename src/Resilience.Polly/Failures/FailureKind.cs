namespace Resilience.Polly;

/// <summary>What the outcome of an attempt says about the dependency (guide: "What Should Be Retried?").</summary>
public enum FailureKind
{
    /// <summary>The dependency answered: a result, a client error (4xx), a business exception. Not retried; a success for the circuit.</summary>
    None,

    /// <summary>Infrastructure that may be well again in a moment. Retried; a failure for the circuit.</summary>
    Transient,

    /// <summary>The dependency is broken in a way that a retry does not mend, such as HTTP 500. Not retried; a failure for the circuit.</summary>
    Permanent,

    /// <summary>Says nothing about the dependency: cancelled by the caller, rejected before it was reached, or the caller's own mistake. Not retried; neither for the circuit.</summary>
    Unrelated,
}
