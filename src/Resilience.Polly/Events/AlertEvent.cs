namespace Resilience.Polly;

/// <summary>An alert was raised, or is over.</summary>
/// <param name="At">When, by the wall clock.</param>
/// <param name="Alert">The alert.</param>
/// <param name="IsRaised">Whether it was raised; otherwise it was cleared.</param>
public sealed record AlertEvent(DateTimeOffset At, Alert Alert, bool IsRaised) : PipelineEvent(Alert?.PipelineName ?? "", At);
