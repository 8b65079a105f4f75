using Polly;
using static Resilience.Polly.TestKit.Dependency;

namespace Resilience.Polly.Tests.Degradation;

public class ScatterGatherPipelineTests
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(2);

    [Fact]
    public async Task RunAsync_failures_of_a_pipeline_degrade_the_part_and_count_for_the_pipeline()
    {
        await using var app = TestPipelines.Of(options => options.Retry.MaxAttempts = 1);
        app.Control.Isolate(TestPipelines.Name);
        var gather = new ScatterGather(app.Clock);
        var call = new Dependency(Answers(1));
        var value = gather.Add("value", app.Pipeline, call.CallAsync, 7);
        var instead = gather.Add("delegate", app.Pipeline, call.CallAsync, _ => new ValueTask<int>(8));
        var told = gather.Add("told", app.Pipeline, call.CallAsync, (failure, _) => new ValueTask<int>(failure is CircuitOpenException ? 9 : 0));
        var none = gather.Add("none", app.Pipeline, call.CallAsync);

        await gather.RunAsync(Deadline).WaitAsync(HeldCall.Patience);

        Assert.Equal((7, 8, 9, 0), (value.Value, instead.Value, told.Value, call.Attempts));
        Assert.All(gather.Parts, part => Assert.IsType<CircuitOpenException>(part.Failure));
        Assert.Equal(["value", "delegate", "told", "none"], gather.Degraded);

        // The part without a fallback was not made good.
        Assert.Equal((4L, 3L, ScatterPartState.Missing), (app.Snapshot.Calls.CircuitOpen, app.Snapshot.Calls.Degraded, none.State));
    }

    [Fact]
    public async Task RunAsync_call_through_a_pipeline_answers_and_is_cancelled_at_the_deadline_like_any_other()
    {
        await using var app = TestPipelines.Of(_ => { });
        var gather = new ScatterGather(app.Clock);
        var hung = new HeldPart<int>();
        var late = gather.Add("late", app.Pipeline, hung.CallAsync, 7);
        var fine = gather.Add("fine", app.Pipeline, _ => new ValueTask<int>(1));

        var run = gather.RunAsync(Deadline);
        await hung.StartedAsync();
        await Until.IsTrueAsync(() => fine.HasValue);
        app.Clock.Advance(Deadline);
        await run.WaitAsync(HeldCall.Patience);
        await Until.IsTrueAsync(() => app.Snapshot.Calls.Total == 2);

        Assert.Equal((7, 1), (late.Value, fine.Value));
        Assert.Equal((1L, 1L, 0L), (app.Snapshot.Calls.Succeeded, app.Snapshot.Calls.Cancelled, app.Snapshot.Calls.Degraded));
    }

    [Fact]
    public async Task RunAsync_pipeline_of_Pollys_own_works()
    {
        var gather = new ScatterGather();
        var part = gather.Add("part", new ResiliencePipelineBuilder().Build(), new Dependency(Fails()).CallAsync, 7);

        await gather.RunAsync(TimeSpan.FromMinutes(1)).WaitAsync(HeldCall.Patience);

        Assert.Equal((7, true), (part.Value, part.IsDegraded));
    }
}
