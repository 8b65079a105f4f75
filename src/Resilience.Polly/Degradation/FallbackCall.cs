using System.Runtime.CompilerServices;
using Polly;
using Resilience.Polly.Outcomes;

namespace Resilience.Polly.Degradation;

/// <summary>A call with its fallback. It works on outcomes, so a failure that the fallback handles is never thrown.</summary>
internal readonly record struct FallbackCall<TResult, TState>(
    Func<ResilienceContext, TState, ValueTask<TResult>> Callback,
    Func<ApiConnectionException, ResilienceContext, TState, ValueTask<TResult>> Fallback,
    TState State)
{
    public ValueTask<TResult> RunAsync(ResiliencePipeline pipeline, ResilienceContext context, bool isRented = false)
    {
        FailedCall.Ask(context);
        return FinishAsync(pipeline.ExecuteOutcomeAsync(static (c, call) => call.AttemptAsync(c), context, this), context, isRented);
    }

    public ValueTask<TResult> RunAsync(ResiliencePipeline<TResult> pipeline, ResilienceContext context, bool isRented = false)
    {
        FailedCall.Ask(context);
        return FinishAsync(pipeline.ExecuteOutcomeAsync(static (c, call) => call.AttemptAsync(c), context, this), context, isRented);
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<Outcome<TResult>> AttemptAsync(ResilienceContext context)
    {
        try
        {
            return Outcome.FromResult(await Callback(context, State).ConfigureAwait(context.ContinueOnCapturedContext));
        }
        catch (Exception exception) // the pipeline judges it
        {
            return Outcome.FromException<TResult>(exception);
        }
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<TResult> FinishAsync(ValueTask<Outcome<TResult>> running, ResilienceContext context, bool isRented)
    {
        try
        {
            var outcome = await running.ConfigureAwait(context.ContinueOnCapturedContext);
            if (outcome.Exception is null || FailedCall.Of(outcome.Exception, context) is not { } failed)
            {
                outcome.ThrowIfException();
                return outcome.Result!;
            }

            var result = await Fallback(failed.Failure, context, State).ConfigureAwait(context.ContinueOnCapturedContext);
            failed.CountDegraded();
            return result;
        }
        finally
        {
            if (isRented)
            {
                ResilienceContextPool.Shared.Return(context);
            }
        }
    }
}
