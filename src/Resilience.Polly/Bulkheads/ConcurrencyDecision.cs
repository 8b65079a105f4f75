namespace Resilience.Polly;

/// <summary>What a policy has decided.</summary>
/// <param name="Limit">The number of slots, between <see cref="ConcurrencyWindow.MinLimit"/> and <see cref="ConcurrencyWindow.MaxLimit"/>.</param>
/// <param name="Reason">Why, in a few words for people; shown in log, snapshots and dashboard.</param>
/// <param name="Memory">Whatever the policy wants to be given again with the next window.</param>
public sealed record ConcurrencyDecision(int Limit, string Reason, object? Memory = null);
