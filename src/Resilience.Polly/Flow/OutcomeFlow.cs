using Polly;
using Resilience.Polly.Primitives;
using Resilience.Polly.Strategies;

namespace Resilience.Polly.Flow;

/// <summary>
/// The flow of a pipeline with strategies of the application: first the outcome, then the strategies around the call, then the steps of <see cref="PipelineFlow"/>,
/// once for each time that the strategies execute the call.
/// </summary>
internal sealed class OutcomeFlow(LivePipeline pipeline, StrategyChain aroundCall) : ResilienceStrategy, INamedPipeline
{
    public string PipelineName => pipeline.Name;

    protected override async ValueTask<Outcome<TResult>> ExecuteCore<TResult, TState>(
        Func<ResilienceContext, TState, ValueTask<Outcome<TResult>>> callback, ResilienceContext context, TState state)
    {
        if (CallProperties.Check(context, pipeline.Settings.IsPartitioned, out var own) is { } invalid)
        {
            return Outcome.FromException<TResult>(invalid);
        }

        var call = Call<TResult, TState>.Begin(pipeline, callback, context, state, own);
        call.Activity = CallTrace.Begin(call); // current only inside this method, which is asynchronous
        var whole = new WholeCall(call);
        var execution = new Execution<TResult>(call, whole);
        var outcome = await aroundCall.ExecuteAsync(execution, context, whole.IsSynchronous).ConfigureAwait(context.ContinueOnCapturedContext);
        return PipelineFlow.Finish(whole.End(outcome), call);
    }

    private sealed class Execution<TResult>(Call<TResult> call, WholeCall whole) : ICallback<TResult>
    {
        public ValueTask<Outcome<TResult>> InvokeAsync(ResilienceContext context) => PipelineFlow.ExecuteAsync(call, context, whole);
    }
}
