using System.Globalization;
using Resilience.Polly.Primitives;

namespace Resilience.Polly.Advisor.Rules;

/// <summary>The rules on what is observed: settings that are fine for other calls than these.</summary>
internal static class ObservedRules
{
    public static readonly AdviceRule<ObservedMinute>[] All = [new("circuit-opens-by-chance", CircuitOpensByChance), new("too-few-slots", TooFewSlots)];

    // Rarer than that, and nobody would notice.
    private static readonly TimeSpan Often = TimeSpan.FromMinutes(5);

    // A dependency that answers fewer calls is down, and its circuit opens for good reason.
    private const double MostFailures = 0.5;

    private const double FewRejections = 0.01;

    private static AdviceFinding? CircuitOpensByChance(ObservedMinute minute)
    {
        var circuit = minute.Options.CircuitBreaker;
        if (circuit is not { Mode: CircuitBreakerMode.Enforce, FailureThreshold: > 1 and var threshold } || !minute.TellsShares
            || minute.FailureShare is not (> 0 and <= MostFailures and var share))
        {
            return null;
        }

        var seconds = ChanceAndSlots.CallsUntilRun(share, threshold) / minute.CountedPerSecond;
        var what = circuit.CountPer == CircuitCount.Attempt ? "attempts" : "calls";
        return !(seconds <= Often.TotalSeconds) ? null : new(
            AdviceSeverity.Warning, "CircuitBreaker:FailureThreshold", $"{threshold}",
            $"At {Rounded(minute.CountedPerSecond)} {what}/s of which {Rounded(share * 100)} % fail, {threshold} failures in a row come by chance about every {Text.Of(TimeSpan.FromSeconds(Significant(seconds)))}.",
            $"The circuit then rejects all calls for {Text.Of(circuit.RecoveryTimeout)}, while the dependency answers {Rounded(100 - (share * 100))} % of them.",
            $"no FailureThreshold, and a FailureRatio of {Text.Share(Math.Round(Math.Min(0.9, Math.Max(0.5, 2 * share)), 1))}");
    }

    private static AdviceFinding? TooFewSlots(ObservedMinute minute)
    {
        var (bulkhead, needed) = (minute.Options.Bulkhead, ChanceAndSlots.SlotsNeeded(minute.SlotsInUse, minute.Entered, minute.Calls.BulkheadFull));
        if (bulkhead.Adaptive.IsOn || !minute.TellsShares || minute.FullShare < FewRejections || needed <= bulkhead.MaxConcurrency)
        {
            return null;
        }

        var waiting = minute.SlotsInUse == 0 ? 0 : needed * minute.SlotsWaiting / minute.SlotsInUse;
        var holdsForWaits = bulkhead.HoldWhileWaiting && waiting > needed / 2;
        return new(
            AdviceSeverity.Warning, "Bulkhead:MaxConcurrency", $"{bulkhead.MaxConcurrency}",
            $"The calls of the last minute need about {Whole(needed)} slots; {bulkhead.MaxConcurrency} are there, and {Rounded(minute.FullShare * 100)} % of the calls found none.",
            holdsForWaits
                ? $"Calls that wait for a retry hold about {Whole(waiting)} of those slots, and do no work in them."
                : "Calls are rejected that the dependency might answer.",
            holdsForWaits
                ? $"HoldWhileWaiting = false with at least {ChanceAndSlots.WithRoom(needed - waiting)} slots, or {ChanceAndSlots.WithRoom(needed)} slots"
                : $"at least {ChanceAndSlots.WithRoom(needed)}, if the dependency can take that many calls at once");
    }

    private static string Whole(double number) => Math.Round(number).ToString("0", CultureInfo.InvariantCulture);

    private static string Rounded(double number) => Significant(number).ToString("0.##", CultureInfo.InvariantCulture);

    // Two digits: these numbers are estimates.
    private static double Significant(double number) =>
        number <= 0 ? 0 : Math.Pow(10, Math.Floor(Math.Log10(number)) - 1) is var unit ? Math.Round(number / unit) * unit : number;
}
