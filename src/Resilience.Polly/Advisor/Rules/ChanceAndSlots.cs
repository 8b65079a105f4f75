namespace Resilience.Polly.Advisor.Rules;

/// <summary>The arithmetic behind observed advice, as pure functions. The page on advice explains it.</summary>
internal static class ChanceAndSlots
{
    /// <summary>How many calls there are on average until so many in a row have failed, where each fails by chance: (1 - p^n) / (p^n (1 - p)).</summary>
    /// <param name="share">The share of calls that fail, above 0 and below 1.</param>
    /// <param name="inARow">How many failures in a row.</param>
    public static double CallsUntilRun(double share, int inARow)
    {
        var run = Math.Pow(share, inARow);
        return (1 - run) / (run * (1 - share));
    }

    /// <summary>How many slots all calls need on average, by Little's law: those that found one held it for the same time as the others would.</summary>
    public static double SlotsNeeded(double averageInUse, long foundSlot, long foundNone) => foundSlot == 0 ? 0 : averageInUse * (foundSlot + foundNone) / foundSlot;

    /// <summary>A number of slots that is seldom too low for a need that varies by chance: two standard deviations above its average.</summary>
    public static int WithRoom(double needed) => (int)Math.Ceiling(needed + (2 * Math.Sqrt(needed)));
}
