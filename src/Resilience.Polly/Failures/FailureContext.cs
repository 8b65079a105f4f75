namespace Resilience.Polly.Failures;

/// <summary>What an exception tells about the call that failed.</summary>
internal readonly record struct FailureContext(string? PipelineName, string? RequestId, int Attempts)
{
    public string AttemptsMade => Attempts == 1 ? "in 1 attempt" : $"in {Attempts} attempts";
}
