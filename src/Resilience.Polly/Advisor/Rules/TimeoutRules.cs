using Resilience.Polly.Primitives;

namespace Resilience.Polly.Advisor.Rules;

/// <summary>Advice on "Pattern 1: Timeout Pattern".</summary>
internal static class TimeoutRules
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private static readonly TimeoutOptions Usual = new();

    // The guide's limits for satellite links; no network needs more.
    private static readonly TimeoutOptions Longest = TimeoutPresets.HighLatency;

    public static readonly AdviceRule<AdvisedPipeline>[] All =
    [
        NoTimeout("Connect", timeout => timeout.Connect),
        NoTimeout("Read", timeout => timeout.Read),
        NoTimeout("Write", timeout => timeout.Write),
        NoTimeout("Pool", timeout => timeout.Pool),
        new("read-shorter-than-connect", ReadShorterThanConnect),
        new("read-too-long", ReadTooLong),
        PhaseTooLong("Connect", timeout => timeout.Connect),
        PhaseTooLong("Write", timeout => timeout.Write),
        PhaseTooLong("Pool", timeout => timeout.Pool),
        new("phase-too-long", ReadWithoutEnd),
        new("total-too-short", TotalTooShort),
    ];

    // The guide's "No timeouts at all".
    private static AdviceRule<AdvisedPipeline> NoTimeout(string phase, Func<TimeoutOptions, TimeSpan> limitOf) => new("no-timeout", pipeline =>
        pipeline.HasOuterLimit || limitOf(pipeline.Options.Timeout) != Timeout.InfiniteTimeSpan ? null : new(
            AdviceSeverity.Error, $"Timeout:{phase}", Text.Of(Timeout.InfiniteTimeSpan),
            "Nothing ends a call that hangs there, since Attempt and Total are not set either.",
            "Such calls keep their slots and connections until a restart.",
            $"{Text.Of(limitOf(Usual))}, or a Timeout:Total"));

    // The guide's "Inconsistent timeout hierarchy".
    private static AdviceFinding? ReadShorterThanConnect(AdvisedPipeline pipeline)
    {
        var timeout = pipeline.Options.Timeout;

        // A delegate has no connect phase: without a known HTTP client, only a Connect that was set means anything.
        var connects = pipeline.Clients.Count > 0 || timeout.Connect != Usual.Connect;
        return !connects || timeout.Read == Timeout.InfiniteTimeSpan || timeout.Read >= timeout.Connect ? null : new(
            AdviceSeverity.Error, "Timeout:Read", Text.Of(timeout.Read),
            $"It is shorter than Timeout:Connect, which is {Text.Of(timeout.Connect)}.",
            "An unreachable service holds its callers longer than a slow one may.",
            $"at least {Text.Of(timeout.Connect)}, or a Timeout:Connect of at most {Text.Of(timeout.Read)}");
    }

    // The guide's "Timeouts longer than user patience".
    private static AdviceFinding? ReadTooLong(AdvisedPipeline pipeline)
    {
        var (setting, limit) = pipeline.Options.Timeout.Total is { } total && (pipeline.Attempt == Timeout.InfiniteTimeSpan || total < pipeline.Attempt)
            ? ("Timeout:Total", total)
            : (pipeline.AttemptSetting, pipeline.Attempt);
        return !pipeline.HasUsersWaiting || limit <= Patience ? null : new(
            limit > Longest.Read ? AdviceSeverity.Error : AdviceSeverity.Hint, setting, Text.Of(limit),
            "A user waits that long before a hanging attempt ends.",
            "Users leave or press the button again, and the calls that they left keep their slots.",
            $"at most {Text.Of(Patience)}, or Importance = Background where no user waits");
    }

    // A phase that may take longer than the guide allows for satellite links (guide: "Timeout Configuration Guidelines").
    // Another rule covers an infinite phase without an outer limit.
    private static AdviceRule<AdvisedPipeline> PhaseTooLong(string phase, Func<TimeoutOptions, TimeSpan> limitOf) => new("phase-too-long", pipeline =>
        limitOf(pipeline.Options.Timeout) is var limit && !(limit == Timeout.InfiniteTimeSpan ? pipeline.HasOuterLimit : limit > limitOf(Longest)) ? null : new(
            AdviceSeverity.Hint, $"Timeout:{phase}", Text.Of(limit),
            "It is longer than the slowest networks need.",
            "A hanging phase is detected late, and its call holds a slot until then.",
            $"at most {Text.Of(limitOf(Longest))}"));

    private static AdviceFinding? ReadWithoutEnd(AdvisedPipeline pipeline) =>
        pipeline.Options.Timeout.Read != Timeout.InfiniteTimeSpan || !pipeline.HasOuterLimit ? null : new(
            AdviceSeverity.Hint, "Timeout:Read", Text.Of(Timeout.InfiniteTimeSpan),
            "Only Timeout:Attempt or Timeout:Total ends a call to a service that is silent.",
            "A hanging service looks like one that still works.",
            $"at most {Text.Of(Longest.Read)}");

    // A total timeout that cuts the retries off (guide: "Configuration for Pattern Harmony").
    private static AdviceFinding? TotalTooShort(AdvisedPipeline pipeline)
    {
        if (!pipeline.Retries || pipeline.Options.Timeout.Total is not { } total || pipeline.Sequence is not { } sequence || total >= sequence)
        {
            return null;
        }

        var better = $"at least {Text.Of(sequence)}, or shorter or fewer attempts";
        return total <= pipeline.Attempt + pipeline.Options.Retry.MinWait
            ? new(
                AdviceSeverity.Warning, "Timeout:Total", Text.Of(total),
                $"After an attempt that hits {pipeline.AttemptSetting}, {Text.Of(pipeline.Attempt)}, there is no time for a second one.",
                "There are retries on paper only: one slow moment of the service fails the call.",
                better)
            : new(
                AdviceSeverity.Hint, "Timeout:Total", Text.Of(total),
                $"{pipeline.MostAttempts} attempts that time out, with their waits, take up to {Text.Of(sequence)}.",
                "The last attempts are cut short or not made at all.",
                better);
    }
}
