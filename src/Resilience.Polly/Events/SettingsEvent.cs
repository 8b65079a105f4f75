namespace Resilience.Polly;

/// <summary>A changed configuration gave a pipeline other settings, which are in force now.</summary>
/// <param name="PipelineName">The pipeline.</param>
/// <param name="At">When, by the wall clock.</param>
/// <param name="Summary">The pipeline with its settings, in one line.</param>
public sealed record SettingsEvent(string PipelineName, DateTimeOffset At, string Summary) : PipelineEvent(PipelineName, At);
