namespace Resilience.Polly;

/// <summary>Owns what is counted of the calls of one pipeline: since it was first used, and over the last minute.</summary>
internal sealed class CallStatistics(TimeProvider clock)
{
    public CallCounters Lifetime { get; } = new();

    public CallMinute Minute { get; } = new(clock);

    public void Count(CallResult result, int attempts, long startedAt, long endedAt)
    {
        Lifetime.Count(result, attempts);
        Minute.Count(result, attempts, startedAt, endedAt);
    }

    public void CountDegraded(long at)
    {
        Lifetime.CountDegraded();
        Minute.CountDegraded(at);
    }
}
