using System.Globalization;
using Resilience.Polly.Primitives;

namespace Resilience.Polly.Advisor.Rules;

/// <summary>Advice on "Pattern 2: Retry Pattern".</summary>
internal static class RetryRules
{
    private const int AttemptsForUsers = 3;
    private const int AttemptsForBackground = 10;

    // Less than a round trip to a service close by, a garbage collection or a lost packet takes.
    private static readonly TimeSpan ShortestWait = TimeSpan.FromMilliseconds(10);

    public static readonly AdviceRule<AdvisedPipeline>[] All =
    [
        new("jitter-off", JitterOff),
        new("constant-wait", ConstantWait),
        new("no-wait", NoWait),
        new("wait-over-read", WaitOverRead),
        new("too-many-attempts", TooManyAttempts),
        new("retry-budget-off", BudgetOff),
        new("retry-after-ignored", RetryAfterIgnored),
        new("client-errors-retried", ClientErrorsRetried.Look),
    ];

    // The guide's "No jitter (thundering herd)".
    private static AdviceFinding? JitterOff(AdvisedPipeline pipeline) =>
        !pipeline.Retries || pipeline.Options.Retry.Jitter ? null : new(
            AdviceSeverity.Error, "Retry:Jitter", "false",
            "Callers that failed together try again together.",
            "A thousand retries at the same moment keep down a service that was about to recover.",
            "true");

    // Waits that neither grow nor differ: the guide's "Fixed timing" (guide: "Retry Anti-Patterns").
    private static AdviceFinding? ConstantWait(AdvisedPipeline pipeline)
    {
        var retry = pipeline.Options.Retry;
        return !pipeline.Retries || retry.MinWait == TimeSpan.Zero ? null
            : retry.MinWait == retry.MaxWait ? new(
                AdviceSeverity.Warning, "Retry:MinWait", Text.Of(retry.MinWait),
                "It equals MaxWait, so every wait is the same and jitter has no room.",
                "Callers that failed together try again together, as often as at first.",
                $"at most {Text.Of(retry.MaxWait / 4)}, or a longer MaxWait")
            : retry.Multiplier != 1 || retry.MaxAttempts <= 2 ? null : new(
                AdviceSeverity.Warning, "Retry:Multiplier", "1",
                "The waits do not grow.",
                "Each further failure makes a long outage more likely, but the service gets as many calls as at first.",
                "2");
    }

    // Retries that come at once (guide: "Exponential Backoff Strategy").
    private static AdviceFinding? NoWait(AdvisedPipeline pipeline) =>
        !pipeline.Retries || pipeline.Options.Retry.MinWait >= ShortestWait ? null : new(
            AdviceSeverity.Warning, "Retry:MinWait", Text.Of(pipeline.Options.Retry.MinWait),
            "The attempts follow each other at once.",
            "The cause of the first failure is still there, and a service in trouble gets all attempts in one burst.",
            $"{Text.Of(RetryPresets.Conservative.MinWait)}");

    // The guide's "Don't wait longer than read timeout" (guide: "Configuration for Pattern Harmony").
    // Judged by the possible waits of the backoff: MaxWait also limits what a server may ask for, and may be far above them.
    private static AdviceFinding? WaitOverRead(AdvisedPipeline pipeline)
    {
        var (wait, limit) = (pipeline.LongestWait, pipeline.Attempt);
        return !pipeline.HasUsersWaiting || limit == Timeout.InfiniteTimeSpan || wait <= limit ? null : new(
            AdviceSeverity.Warning, "Retry:MaxWait", Text.Of(pipeline.Options.Retry.MaxWait),
            $"A wait can be {Text.Of(wait)}, longer than the next attempt: {pipeline.AttemptSetting} is {Text.Of(limit)}.",
            "The call spends the user's time and its slot on waiting, not on trying.",
            $"at most {Text.Of(limit)}");
    }

    // More attempts than the guide's limits, on the way to its "Infinite retries" (guide: "Retry Pattern Best Practices").
    private static AdviceFinding? TooManyAttempts(AdvisedPipeline pipeline)
    {
        var attempts = pipeline.Options.Retry.MaxAttempts;
        var better = pipeline.HasUsersWaiting ? $"{AttemptsForUsers}, or Importance = Background where no user waits" : $"at most {AttemptsForBackground}";
        return attempts > AttemptsForBackground
            ? new(
                AdviceSeverity.Warning, "Retry:MaxAttempts", $"{attempts}",
                "It keeps trying when there is no hope left.",
                "A failure that outlasts ten attempts is no hiccup, and every further attempt is load on a service that is down.",
                better)
            : !pipeline.HasUsersWaiting || attempts <= AttemptsForUsers ? null : new(
                AdviceSeverity.Hint, "Retry:MaxAttempts", $"{attempts}",
                "A user waits through all of them.",
                "After three failures the fourth attempt rarely helps, and a quick failure lets a fallback answer.",
                better);
    }

    // The service says when it can take the call, but the pipeline ignores it.
    private static AdviceFinding? RetryAfterIgnored(AdvisedPipeline pipeline) =>
        !pipeline.Retries || pipeline.Options.Retry.UseRetryAfter ? null : new(
            AdviceSeverity.Hint, "Retry:UseRetryAfter", "false",
            "The pipeline ignores a service that says when to come back.",
            "Attempts before that time are refused, and some services make a client that comes too early wait even longer.",
            "true");

    // Nothing limits the load that retries add to an outage (guide: "Why Circuit Breakers Matter").
    private static AdviceFinding? BudgetOff(AdvisedPipeline pipeline)
    {
        var (budget, retries) = (pipeline.Options.Retry.Budget, pipeline.Options.Retry.MaxAttempts - 1);

        // A budget with as many retries per call as there can be is never spent.
        var unbounded = budget.Enabled && budget.Ratio >= retries;
        return !pipeline.Retries || (budget.Enabled && !unbounded) ? null : new(
            AdviceSeverity.Warning,
            unbounded ? "Retry:Budget:Ratio" : "Retry:Budget:Enabled",
            unbounded ? budget.Ratio.ToString(CultureInfo.InvariantCulture) : "false",
            $"Every call may be sent {pipeline.Options.Retry.MaxAttempts} times.",
            "A service that fails gets that many times its load, just when it can bear it least.",
            unbounded ? new RetryBudgetOptions().Ratio.ToString(CultureInfo.InvariantCulture) : "true");
    }
}
