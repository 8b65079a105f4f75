namespace Resilience.Polly;

/// <summary>Isolates and resets circuits by hand, for operators and runbooks.</summary>
public interface ICircuitBreakerControl
{
    /// <summary>Rejects every call of the pipeline until <see cref="Reset"/>, or for a time. After that time one call may probe the dependency, as after a break.</summary>
    /// <param name="pipelineName">The name of the pipeline.</param>
    /// <param name="duration">More than zero and at most 30 days; <see langword="null"/> for no end.</param>
    /// <param name="partition">The key of a partition; <see langword="null"/> for the whole pipeline, including partitions that are created later.</param>
    /// <exception cref="ArgumentOutOfRangeException">The duration is not in its range.</exception>
    /// <exception cref="KeyNotFoundException">There is no such pipeline, or no such partition now.</exception>
    /// <exception cref="InvalidOperationException">The circuit of the pipeline is observed or disabled, so that nothing would be rejected.</exception>
    void Isolate(string pipelineName, TimeSpan? duration = null, string? partition = null);

    /// <summary>Closes the circuit and forgets its failures; calls that are under way no longer count.</summary>
    /// <param name="pipelineName">The name of the pipeline.</param>
    /// <param name="partition">The key of a partition; <see langword="null"/> for the whole pipeline.</param>
    /// <exception cref="KeyNotFoundException">There is no such pipeline, or no such partition now.</exception>
    void Reset(string pipelineName, string? partition = null);
}
