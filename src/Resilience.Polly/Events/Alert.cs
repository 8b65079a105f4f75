namespace Resilience.Polly;

/// <summary>Something about a pipeline that a person should look at. Raised once and cleared once, however long it lasts.</summary>
/// <param name="PipelineName">The pipeline.</param>
/// <param name="Kind">What it is about.</param>
/// <param name="RaisedAt">Since when, by the wall clock.</param>
/// <param name="Value">The value that raised it: a share of 0 to 1; 1 for a circuit.</param>
/// <param name="Threshold">What it was above, from <see cref="AlertOptions"/>.</param>
/// <param name="Message">The same in one sentence.</param>
public sealed record Alert(string PipelineName, AlertKind Kind, DateTimeOffset RaisedAt, double Value, double Threshold, string Message)
{
    /// <summary>The sentence in the past tense, for when the alert is over.</summary>
    public string ClearedMessage { get; init; } = Message;
}
