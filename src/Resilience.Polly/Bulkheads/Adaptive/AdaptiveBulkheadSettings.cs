namespace Resilience.Polly;

internal static class AdaptiveBulkheadSettings
{
    private static readonly NumberKind<int> Slots = new(1, 100_000);

    public static readonly SettingsBlock<AdaptiveBulkheadOptions> Block = new SettingsBlock<AdaptiveBulkheadOptions>()
        .Add("Policy", new ChoiceKind<AdaptivePolicy>(), o => o.Policy, (o, v) => o.Policy = v)
        .Add("Interval", new DurationKind(TimeSpan.FromMilliseconds(100), TimeSpan.FromHours(1)), o => o.Interval, (o, v) => o.Interval = v)
        .Add("MinimumAttempts", new NumberKind<int>(1, 1_000_000), o => o.MinimumAttempts, (o, v) => o.MinimumAttempts = v)
        .Add("MinLimit", Slots, o => o.MinLimit, (o, v) => o.MinLimit = v)
        .Add("MaxLimit", Slots, o => o.MaxLimit, (o, v) => o.MaxLimit = v);

    public static bool AreEqual(AdaptiveBulkheadOptions left, AdaptiveBulkheadOptions right) =>
        Block.List(left).SequenceEqual(Block.List(right)) && ReferenceEquals(left.CustomPolicy, right.CustomPolicy);

    /// <summary>Told for the one number that all three have to do with.</summary>
    public static void CheckTogether(BulkheadOptions bulkhead, string path, ICollection<SettingFault> faults)
    {
        var (slots, adaptive) = (bulkhead.MaxConcurrency, bulkhead.Adaptive);
        if (adaptive is { IsOn: true } && (slots < adaptive.MinLimit || slots > adaptive.MaxLimit))
        {
            faults.Add(new(
                $"{path}:MaxConcurrency",
                $"{slots}",
                $"is where adaptive slots begin, and not between Adaptive:MinLimit, which is {adaptive.MinLimit}, and Adaptive:MaxLimit, which is {adaptive.MaxLimit}"));
        }
    }
}
