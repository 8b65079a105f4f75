namespace Resilience.Polly.Benchmarks;

/// <summary>All goals, in the order of the page.</summary>
internal static class Goals
{
    public static readonly IReadOnlyDictionary<string, Func<Plan, Task<GoalTable>>> All = new Dictionary<string, Func<Plan, Task<GoalTable>>>
    {
        ["synchronous"] = FourPatternsGoals.SynchronousAsync,
        ["yielding"] = FourPatternsGoals.YieldingAsync,
        ["other-forms"] = OtherCallsGoals.OtherFormsAsync,
        ["unhealthy"] = OtherCallsGoals.UnhealthyAsync,
        ["open-circuit"] = OpenCircuitGoal.MeasureAsync,
        ["lookup"] = LookupGoal.MeasureAsync,
        ["partitions"] = PartitionsGoal.MeasureAsync,
        ["two-threads"] = TwoThreadsGoal.MeasureAsync,
        ["many-pipelines"] = ManyPipelinesGoal.MeasureAsync,
        ["idle"] = IdleGoal.MeasureAsync,
        ["start"] = StartGoal.MeasureAsync,
        ["http"] = HttpGoal.MeasureAsync,
        ["http-bodies"] = HttpBodiesGoal.MeasureAsync,
    };
}
