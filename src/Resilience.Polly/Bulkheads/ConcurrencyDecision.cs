namespace Resilience.Polly;

/// <summary>The decision of a policy.</summary>
/// <param name="limit">The number of slots, between <see cref="ConcurrencyWindow.MinLimit"/> and <see cref="ConcurrencyWindow.MaxLimit"/>.</param>
/// <param name="reason">Why, in a few words for people; shown in log, snapshots and dashboard.</param>
public sealed class ConcurrencyDecision(int limit, string reason)
{
    /// <summary>The number of slots.</summary>
    public int Limit => limit;

    /// <summary>Why, in a few words for people.</summary>
    public string Reason => reason;
}
