namespace Resilience.Polly.Benchmarks;

/// <summary>Calls with a token, calls that end early, and calls with retries.</summary>
internal static class OtherCallsGoals
{
    public static async Task<GoalTable> OtherFormsAsync(Plan plan)
    {
        var calls = new FourPatterns();
        var token = await Alternation.BesidePollyAsync(plan, calls.Named_with_token, calls.Polly_with_token);
        var execute = await Alternation.RunAsync(plan, Contender.Of("ours", 1, calls.Named_Execute), Contender.Of("Polly's", 1, calls.Polly_Execute));
        return new(
            "other-forms",
            "The same with the caller's token, and by `Execute`",
            "A healthy call that its caller can cancel, and a synchronous one.",
            [
                GoalRow.Time("caller's token", token[0], token[1], Bound.AtMostTimes(0.42)),
                GoalRow.Bytes("caller's token, allocated", token[0], token[1], Bound.AtMost(0)),
                GoalRow.Time("`Execute`", execute[0], execute[1], Bound.AtMostTimes(0.42)),
                GoalRow.Bytes("`Execute`, allocated", execute[0], execute[1], Bound.AtMost(0)),
            ]);
    }

    public static async Task<GoalTable> UnhealthyAsync(Plan plan)
    {
        var (cancellations, retries, rejections) = (new Cancellations(), new Retries(), new Rejections());
        var cancelled = await Alternation.BesidePollyAsync(plan, cancellations.Named_cancelled, cancellations.Polly_cancelled);
        var third = await Alternation.BesidePollyAsync(plan, retries.Named_third, retries.Polly_third);
        var full = await Alternation.BesidePollyAsync(plan, rejections.Named_outcome, rejections.Polly_outcome);
        return new(
            "unhealthy",
            "Cancelled, repeated, rejected",
            "A call that its caller cancels while it runs, one that succeeds at its third attempt without waits, and one that finds all slots taken and does not wait. The last two return an `Outcome`.",
            [
                GoalRow.Time("cancelled", cancelled[0], cancelled[1], Bound.AtMostTimes(0.35)),
                GoalRow.Time("third attempt", third[0], third[1], Bound.AtMostTimes(1.0)),
                GoalRow.Bytes("third attempt, allocated", third[0], third[1], Bound.AtMost(160)),
                GoalRow.Bytes("bulkhead full, allocated", full[0], full[1], Bound.AtMost(450)),
            ]);
    }
}
