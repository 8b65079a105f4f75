using Polly;

namespace Resilience.Polly.Primitives;

/// <summary>Executes a callback through a pipeline of Polly's inside the flow.</summary>
internal static class NestedPipeline
{
    public static ValueTask<Outcome<TResult>> ExecuteAsync<TResult>(
        ResiliencePipeline<TResult> pipeline, ICallback<TResult> callback, ResilienceContext context, bool isSynchronous) =>
        isSynchronous ? new(Execute(pipeline, callback, context)) : pipeline.ExecuteOutcomeAsync(static (c, inner) => inner.InvokeAsync(c), context, callback);

    // Polly's strategies keep the thread only where it is asked for by Execute, which throws.
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
#pragma warning disable CA1031 // the flow works on outcomes
        catch (Exception exception)
#pragma warning restore CA1031
        {
            return Outcome.FromException<TResult>(exception);
        }
    }
}

/// <summary>What a pipeline of Polly's inside the flow executes. As its state, which must not name the state of the caller's callback (decision 29).</summary>
/// <typeparam name="TResult">The result.</typeparam>
internal interface ICallback<TResult>
{
    /// <summary>Invokes it. The strategies around it may bring a context of their own.</summary>
    ValueTask<Outcome<TResult>> InvokeAsync(ResilienceContext context);
}
