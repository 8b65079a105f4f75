using Resilience.Polly.Failures;
using Resilience.Polly.Outcomes;

namespace Resilience.Polly;

/// <summary>The mapping of the pipelines, for code that meets a failure outside of one.</summary>
public static class ApiFailures
{
    /// <summary>Turns an exception into the guide's, as a pipeline does with what its delegate throws.</summary>
    /// <param name="exception">What was thrown.</param>
    /// <param name="pipelineName">The name of the pipeline that the call went through.</param>
    /// <param name="requestId">The id of the call, where it had one.</param>
    /// <param name="attempts">The attempts that were started.</param>
    /// <returns>One of <see cref="ApiCallException"/> with <paramref name="exception"/> inside, or <paramref name="exception"/> itself where it is not infrastructure.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="exception"/> or <paramref name="pipelineName"/> is <see langword="null"/>.</exception>
    /// <remarks>An answer that is read after its call has ended, as a stream, breaks off outside the pipeline: this is for its reader.</remarks>
    public static Exception Map(Exception exception, string pipelineName, string? requestId, int attempts)
    {
        ArgumentNullException.ThrowIfNull(exception);
        ArgumentNullException.ThrowIfNull(pipelineName);
        return ExceptionMapper.Map(exception, new FailureContext(pipelineName, requestId, attempts));
    }
}
