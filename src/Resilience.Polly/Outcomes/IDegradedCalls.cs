namespace Resilience.Polly;

/// <summary>Counts the calls of one pipeline that a fallback made good.</summary>
internal interface IDegradedCalls
{
    void CountDegraded(ApiConnectionException failure, string? requestId);
}
