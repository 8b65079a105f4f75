using Polly;

namespace Resilience.Polly.Primitives;

/// <summary>Executes a callback through one of Polly's pipelines inside the flow.</summary>
internal static class NestedPipeline
{
    public static ValueTask<Outcome<TResult>> ExecuteAsync<TResult>(
        ResiliencePipeline<TResult> pipeline, ICallback<TResult> callback, ResilienceContext context, bool isSynchronous) =>
        isSynchronous ? new(Execute(pipeline, callback, context)) : pipeline.ExecuteOutcomeAsync(static (c, inner) => inner.InvokeAsync(c), context, callback);

    // Polly's strategies keep the thread only for Execute, which throws.
    private static Outcome<TResult> Execute<TResult>(ResiliencePipeline<TResult> pipeline, ICallback<TResult> callback, ResilienceContext context)
    {
        try
        {
            return Outcome.FromResult(pipeline.Execute(
                static (c, bound) =>
                {
                    var outcome = BlockingWait.ResultOf(bound.InvokeAsync(c));
                    outcome.ThrowIfException();
                    return outcome.Result!;
                },
                context,
                callback));
        }
        catch (Exception exception) // the flow works on outcomes
        {
            return Outcome.FromException<TResult>(exception);
        }
    }
}

/// <summary>The callback that one of Polly's pipelines inside the flow executes. It is passed as the state, whose type must not contain the caller's state type (decision 29).</summary>
internal interface ICallback<TResult>
{
    /// <summary>Invokes it. The strategies around it may pass another context.</summary>
    ValueTask<Outcome<TResult>> InvokeAsync(ResilienceContext context);
}
