using Polly;
using Resilience.Polly.Failures;

namespace Resilience.Polly.Outcomes;

/// <summary>Asks the classifiers of a pipeline in order.</summary>
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
        foreach (var inside in new ExceptionWalk(exception))
        {
            foreach (var classifier in _classifiers)
            {
                if (classifier.ClassifyException(inside) is { } kind)
                {
                    return kind;
                }
            }
        }

        return null;
    }
}

/// <summary>The verdict of the <see cref="FailureTable"/>, after all other classifiers.</summary>
internal sealed class BuiltInClassifier : IFailureClassifier
{
    public FailureKind? ClassifyException(Exception exception) => FailureTable.RowOf(exception)?.Kind;

    public FailureKind? ClassifyResult<TResult>(TResult result) =>
        result is HttpResponseMessage response ? HttpStatus.Classify(response) : null;
}
