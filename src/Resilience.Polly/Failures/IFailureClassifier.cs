namespace Resilience.Polly;

/// <summary>
/// One opinion on what is a failure. Those in <see cref="PipelineOptions.Failures"/> are asked first, then those
/// registered with <c>AddFailureClassifier</c>, then the built-in one; the first that is not <see langword="null"/> counts.
/// </summary>
/// <remarks>
/// An exception is asked about together with its chain of inner exceptions, from the outermost inwards, until there is an opinion.
/// Called on the path of every call, by many threads at once.
/// </remarks>
public interface IFailureClassifier
{
    /// <summary>What <paramref name="exception"/> is, leaving its inner exceptions aside, or <see langword="null"/> for no opinion.</summary>
    /// <param name="exception">An exception, or one of its inner exceptions.</param>
    FailureKind? ClassifyException(Exception exception) => null;

    /// <summary>What <paramref name="result"/> is, or <see langword="null"/> for no opinion.</summary>
    /// <typeparam name="TResult">The declared type of the result.</typeparam>
    /// <param name="result">What the delegate returned.</param>
    FailureKind? ClassifyResult<TResult>(TResult result) => null;
}

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

    /// <summary>Infrastructure that may be well again in a moment, and says nothing about the dependency as a whole, such as a lock that another call holds. Retried; neither for the circuit.</summary>
    Uncounted,
}
