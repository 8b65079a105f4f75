using Polly;

namespace Resilience.Polly;

/// <summary>Asks the classifiers of a pipeline in their order.</summary>
internal sealed class FailureClassifier(IReadOnlyList<IFailureClassifier> rules, IReadOnlyList<IFailureClassifier> registered)
{
    private readonly IFailureClassifier[] _classifiers = [.. rules, .. registered, new BuiltInClassifier()];

    public FailureKind Classify<TResult>(Outcome<TResult> outcome) =>
        outcome.Exception is { } exception ? ClassifyException(exception) ?? FailureKind.None : ClassifyResult(outcome.Result!);

    private FailureKind ClassifyResult<TResult>(TResult result)
    {
        foreach (var classifier in _classifiers)
        {
            if (classifier.ClassifyResult(result) is { } kind)
            {
                return kind;
            }
        }

        return FailureKind.None;
    }

    private FailureKind? ClassifyException(Exception exception)
    {
        for (var current = exception; current is not null; current = current.InnerException)
        {
            foreach (var classifier in _classifiers)
            {
                if (classifier.ClassifyException(current) is { } kind)
                {
                    return kind;
                }
            }

            if (current is AggregateException { InnerExceptions.Count: > 1 } several)
            {
                return several.InnerExceptions.Select(ClassifyException).FirstOrDefault(kind => kind is not null);
            }
        }

        return null;
    }
}
