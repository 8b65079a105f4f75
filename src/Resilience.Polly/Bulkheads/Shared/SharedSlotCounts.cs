namespace Resilience.Polly.Bulkheads.Shared;

/// <summary>Decides how many slots of all an instance wants to hold.</summary>
internal static class SharedSlotCounts
{
    /// <param name="needed">How many its calls need now.</param>
    /// <param name="limit">How many there are for all instances.</param>
    /// <param name="isScarce">Whether another instance needs slots.</param>
    /// <param name="last">Who held how many when the store answered last.</param>
    /// <param name="instances">How many instances run.</param>
    public static int Wanted(int needed, int limit, bool isScarce, SharedSlots last, int instances)
    {
        // Half as many again are held for calls to come, at least one. Nobody holds any for later while another instance needs them now.
        var wanted = Math.Min(limit, isScarce ? needed : needed + Math.Max(1, needed / 2));

        // After the limit was lowered, all hold too many together. Then nobody keeps more than its part.
        return last.ByInstance.Values.Sum() > limit ? Math.Min(wanted, Alone(limit, instances)) : wanted;
    }

    /// <summary>The part of one instance that cannot ask the others.</summary>
    public static int Alone(int limit, int instances) => Math.Max(1, limit / instances);
}
