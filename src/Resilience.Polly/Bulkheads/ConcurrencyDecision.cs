namespace Resilience.Polly;

/// <summary>What a policy has decided.</summary>
/// <param name="Limit">The number of slots, between <see cref="ConcurrencyWindow.MinLimit"/> and <see cref="ConcurrencyWindow.MaxLimit"/>.</param>
/// <param name="Reason">Why, in a few words for people; shown in log, snapshots and dashboard.</param>
public sealed record ConcurrencyDecision(int Limit, string Reason);
