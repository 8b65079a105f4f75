using Resilience.Polly.Failures;

namespace Resilience.Polly.Outcomes;

/// <summary>The opinion of the <see cref="FailureTable"/>, asked after all others.</summary>
internal sealed class BuiltInClassifier : IFailureClassifier
{
    public FailureKind? ClassifyException(Exception exception) => FailureTable.RowOf(exception)?.Kind;

    public FailureKind? ClassifyResult<TResult>(TResult result) =>
        result is HttpResponseMessage response ? HttpStatus.Classify(response) : null;
}
