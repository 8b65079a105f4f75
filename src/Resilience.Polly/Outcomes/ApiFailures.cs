using Resilience.Polly.Failures;
using Resilience.Polly.Outcomes;

namespace Resilience.Polly;

/// <summary>The mapping of the pipelines, for failures outside a pipeline.</summary>
public static class ApiFailures
{
    /// <summary>Turns an exception into the guide's, as a pipeline does with exceptions of its delegate.</summary>
    /// <param name="exception">The exception.</param>
    /// <param name="pipelineName">The name of the pipeline that the call went through.</param>
    /// <param name="requestId">The id of the call, if it had one.</param>
    /// <param name="attempts">The attempts that were started.</param>
    /// <returns>An <see cref="ApiCallException"/> with <paramref name="exception"/> inside, or <paramref name="exception"/> itself if it is not infrastructure.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="exception"/> or <paramref name="pipelineName"/> is <see langword="null"/>.</exception>
    /// <remarks>For readers of a streamed answer: it can break off after its call has ended, outside the pipeline.</remarks>
    public static Exception Map(Exception exception, string pipelineName, string? requestId, int attempts)
    {
        ArgumentNullException.ThrowIfNull(exception);
        ArgumentNullException.ThrowIfNull(pipelineName);
        return ExceptionMapper.Map(exception, new FailureContext(pipelineName, requestId, attempts));
    }
}
