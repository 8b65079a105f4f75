namespace Resilience.Polly;

/// <summary>A call through a named pipeline failed. The root of the guide's exceptions (guide: "What Should Be Retried?").</summary>
/// <remarks>The original exception, where there is one, is the <see cref="Exception.InnerException"/>. Messages never hold bodies, headers or credentials.</remarks>
/// <param name="message">What happened, and what to do next.</param>
/// <param name="innerException">The original failure.</param>
public abstract class ApiException(string message, Exception? innerException) : Exception(message, innerException)
{
    /// <summary>The name of the pipeline, or <see langword="null"/> when the exception was not made by one.</summary>
    public string? PipelineName { get; init; }

    /// <summary>The id of the call, the same on all its attempts, where the call had one (<see cref="CallProperties.RequestId"/>).</summary>
    public string? RequestId { get; init; }

    /// <summary>Attempts that were started; 0 when the call was rejected before the first.</summary>
    public int Attempts { get; init; }
}
