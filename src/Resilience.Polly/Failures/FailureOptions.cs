namespace Resilience.Polly;

/// <summary>Rules of one pipeline on what counts as a failure, in addition to the built-in rules. The first rule that matches wins.</summary>
public sealed class FailureOptions
{
    /// <summary>Replaced when a rule is added, so copies of the options can share it.</summary>
    internal IReadOnlyList<IFailureClassifier> Rules { get; set; } = [];

    /// <summary>Retries <typeparamref name="TException"/>, and counts it as a failure of the dependency.</summary>
    /// <typeparam name="TException">The exception, or a base of it.</typeparam>
    /// <param name="when">Which exceptions; all if omitted.</param>
    /// <returns>The same options.</returns>
    public FailureOptions Retry<TException>(Func<TException, bool>? when = null)
        where TException : Exception => Add(new ExceptionRule<TException>(FailureKind.Transient, when));

    /// <summary>Does not retry <typeparamref name="TException"/>; it shows that the dependency answers.</summary>
    /// <inheritdoc cref="Retry{TException}"/>
    public FailureOptions DoNotRetry<TException>(Func<TException, bool>? when = null)
        where TException : Exception => Add(new ExceptionRule<TException>(FailureKind.None, when));

    /// <summary>Retries <typeparamref name="TException"/>; the circuit counts it neither way. Examples are a lock that another call holds, or a single request that the service asks to repeat.</summary>
    /// <inheritdoc cref="Retry{TException}"/>
    public FailureOptions RetryUncounted<TException>(Func<TException, bool>? when = null)
        where TException : Exception => Add(new ExceptionRule<TException>(FailureKind.Uncounted, when));

    /// <summary>Counts <typeparamref name="TException"/> as a failure of the dependency, and does not retry it.</summary>
    /// <inheritdoc cref="Retry{TException}"/>
    public FailureOptions CountUnretried<TException>(Func<TException, bool>? when = null)
        where TException : Exception => Add(new ExceptionRule<TException>(FailureKind.Permanent, when));

    /// <summary>Retries results, and counts them as failures of the dependency. A result that a retry replaces is disposed.</summary>
    /// <typeparam name="TResult">The type of the result, as the delegate declares it.</typeparam>
    /// <param name="when">Which results. It also receives <see langword="null"/>, if the delegate may return it.</param>
    /// <returns>The same options.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="when"/> is <see langword="null"/>.</exception>
    public FailureOptions RetryResult<TResult>(Func<TResult, bool> when)
    {
        ArgumentNullException.ThrowIfNull(when);
        return Add(new ResultRule<TResult>(when));
    }

    /// <summary>Adds a classifier.</summary>
    /// <param name="classifier">The classifier.</param>
    /// <returns>The same options.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="classifier"/> is <see langword="null"/>.</exception>
    public FailureOptions Add(IFailureClassifier classifier)
    {
        ArgumentNullException.ThrowIfNull(classifier);
        Rules = [.. Rules, classifier];
        return this;
    }

    // Records, so that rules of two loads of the same settings are equal.
    private sealed record ExceptionRule<TException>(FailureKind Kind, Func<TException, bool>? When) : IFailureClassifier
        where TException : Exception
    {
        // To the code above, failures of a nested pipeline are HttpRequestExceptions too. A rule for that type means exceptions of a transport:
        // it must not retry the open circuit or the full bulkhead of an inner pipeline.
        private static readonly bool IsForTransport = typeof(TException) == typeof(HttpRequestException);

        public FailureKind? ClassifyException(Exception exception) =>
            exception is TException typed && !(IsForTransport && exception is ApiCallException) && When?.Invoke(typed) != false ? Kind : null;
    }

    private sealed record ResultRule<T>(Func<T, bool> When) : IFailureClassifier
    {
        // Null has no type of its own. The delegate's result type decides whether the rule applies.
        public FailureKind? ClassifyResult<TResult>(TResult result) =>
            (result is null ? default(T) is null && typeof(T).IsAssignableFrom(typeof(TResult)) && When(default!) : result is T typed && When(typed))
                ? FailureKind.Transient
                : null;
    }
}
