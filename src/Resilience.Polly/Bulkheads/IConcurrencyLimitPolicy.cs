namespace Resilience.Polly;

/// <summary>Decides, once per window, how many calls may be inside at once.</summary>
/// <remarks>
/// A pure function: what it has to remember it puts into <see cref="ConcurrencyDecision.Memory"/>, so that one policy serves any number of
/// pipelines and a decision can be tested by itself. It is asked by one thread at a time. One that throws, or answers with a number
/// outside the limits of the window, is logged, and the number of slots stays as it is.
/// </remarks>
public interface IConcurrencyLimitPolicy
{
    /// <summary>Decides.</summary>
    /// <param name="window">What happened since the last decision.</param>
    /// <param name="memory">What the last decision remembered; <see langword="null"/> the first time, and after the settings have changed.</param>
    /// <returns>The number of slots from now on, and why.</returns>
    ConcurrencyDecision Decide(ConcurrencyWindow window, object? memory);
}
