namespace Resilience.Polly;

/// <summary>
/// Decides what is a failure. Classifiers in <see cref="PipelineOptions.Failures"/> come first, then those
/// registered with <c>AddFailureClassifier</c>, then the built-in one. The first answer that is not <see langword="null"/> counts.
/// </summary>
/// <remarks>
/// A pipeline asks about an exception and then its inner exceptions, from the outermost inwards, until a classifier knows one.
/// Every call uses the classifier, on many threads at once.
/// </remarks>
public interface IFailureClassifier
{
    /// <summary>Classifies <paramref name="exception"/> without its inner exceptions, or returns <see langword="null"/> if the classifier does not know it.</summary>
    /// <param name="exception">An exception, or one of its inner exceptions.</param>
    FailureKind? ClassifyException(Exception exception) => null;

    /// <summary>Classifies <paramref name="result"/>, or returns <see langword="null"/> if the classifier does not know it.</summary>
    /// <typeparam name="TResult">The declared type of the result.</typeparam>
    /// <param name="result">What the delegate returned.</param>
    FailureKind? ClassifyResult<TResult>(TResult result) => null;
}

/// <summary>What the outcome of an attempt says about the dependency (guide: "What Should Be Retried?").</summary>
public enum FailureKind
{
    /// <summary>The dependency answered: a result, a client error (4xx), a business exception. Not retried; a success for the circuit.</summary>
    None,

    /// <summary>Infrastructure that may work again in a moment. Retried; a failure for the circuit.</summary>
    Transient,

    /// <summary>The dependency is broken, and a retry does not help, such as HTTP 500. Not retried; a failure for the circuit.</summary>
    Permanent,

    /// <summary>Says nothing about the dependency: cancelled by the caller, rejected before it was reached, or the caller's own mistake. Not retried; neither success nor failure for the circuit.</summary>
    Unrelated,

    /// <summary>May work again in a moment, but says nothing about the dependency as a whole, such as a lock that another call holds. Retried; neither success nor failure for the circuit.</summary>
    Uncounted,
}
