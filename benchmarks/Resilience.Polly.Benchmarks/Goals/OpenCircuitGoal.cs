namespace Resilience.Polly.Benchmarks;

internal static class OpenCircuitGoal
{
    public static async Task<GoalTable> MeasureAsync(Plan plan)
    {
        var calls = new OpenCircuits();
        var outcome = await Alternation.BesidePollyAsync(plan, calls.Named_outcome, calls.Polly_outcome);
        var thrown = await Alternation.BesidePollyAsync(plan, calls.Named_thrown, calls.Polly_thrown);
        return new(
            "open-circuit",
            "Open circuit",
            "A call that an open circuit rejects: as an `Outcome` (`ExecuteOutcomeAsync`), and thrown and caught. For ours this includes the " +
            "mapping to `CircuitOpenException`. The rival is Polly's pipeline of four with its circuit open.",
            [
                GoalRow.Time("as `Outcome`", outcome[0], outcome[1], Bound.AtMostTimes(1.0)),
                GoalRow.Bytes("as `Outcome`, allocated", outcome[0], outcome[1], Bound.AtMost(144)),
                GoalRow.Time("thrown, mapped", thrown[0], thrown[1], Bound.AtMostTimes(1.0)),
            ]);
    }
}
