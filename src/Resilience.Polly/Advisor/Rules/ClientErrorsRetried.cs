using System.Net;
using Polly;
using Resilience.Polly.Outcomes;

namespace Resilience.Polly.Advisor.Rules;

/// <summary>The guide's "Retrying non-retryable errors" and "Counting client errors": a rule of the pipeline does so, often because it is too wide.</summary>
internal static class ClientErrorsRetried
{
    private static readonly HttpStatusCode[] ClientErrors =
    [
        HttpStatusCode.BadRequest, HttpStatusCode.Unauthorized, HttpStatusCode.Forbidden, HttpStatusCode.NotFound, HttpStatusCode.UnprocessableEntity,
    ];

    public static AdviceFinding? Look(AdvisedPipeline pipeline) => pipeline.Options.Failures.Rules.Count == 0 ? null : Judge(pipeline);

    private static AdviceFinding? Judge(AdvisedPipeline pipeline)
    {
        var classifier = new FailureClassifier(pipeline.Options.Failures.Rules, []);
        var retried = ClientErrors.Where(status => CountsAsFailure(classifier, status, pipeline.Name)).Select(status => $"HTTP {(int)status}").ToList();
        return retried.Count == 0 ? null : new(
            AdviceSeverity.Warning, "Failures", string.Join(", ", retried),
            "A rule of this pipeline treats these answers as failures of the service.",
            "A wrong request stays wrong however often it is sent, and a few of them open the circuit for all callers.",
            "a rule that leaves out 4xx");
    }

    // In the forms that a rule can get: as the exception of a transport, as that of a nested pipeline, as a result.
    private static bool CountsAsFailure(FailureClassifier classifier, HttpStatusCode status, string pipelineName)
    {
        using var answer = new HttpResponseMessage(status);
        var thrown = new HttpStatusException(answer);
        return CountsAsFailure(classifier, Outcome.FromException<object>(thrown))
            || CountsAsFailure(classifier, Outcome.FromException<object>(ApiFailures.Map(thrown, pipelineName, requestId: null, attempts: 1)))
            || CountsAsFailure(classifier, Outcome.FromResult(answer));
    }

    private static bool CountsAsFailure<TResult>(FailureClassifier classifier, Outcome<TResult> outcome)
    {
        try
        {
            return classifier.Classify(outcome) is FailureKind.Transient or FailureKind.Permanent;
        }
        catch (Exception) // if the application's code throws for a made-up failure, it does not retry it
        {
            return false;
        }
    }
}
