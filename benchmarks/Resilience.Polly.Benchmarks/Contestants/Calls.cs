using Polly;

namespace Resilience.Polly.Benchmarks;

/// <summary>The delegates that the pipelines protect, and the ways to call them that need more than a line.</summary>
internal static class Calls
{
    public static async ValueTask<int> YieldAsync()
    {
        await Task.Yield();
        return 42;
    }

    /// <summary>Calls for an outcome, with a context of the pool, as one does who wants no exception thrown.</summary>
    public static async ValueTask<int> OutcomeAsync<TState>(
        ResiliencePipeline pipeline, Func<ResilienceContext, TState, ValueTask<Outcome<int>>> callback, TState state)
    {
        var context = ResilienceContextPool.Shared.Get();
        var outcome = await pipeline.ExecuteOutcomeAsync(callback, context, state);
        ResilienceContextPool.Shared.Return(context);
        return outcome.Exception is null ? outcome.Result : -1;
    }

    /// <summary>Calls, and catches what the caller would.</summary>
    public static async ValueTask<int> CatchAsync<TException>(ResiliencePipeline pipeline)
        where TException : Exception
    {
        try
        {
            return await pipeline.ExecuteAsync(static _ => new ValueTask<int>(42), CancellationToken.None);
        }
        catch (TException)
        {
            return -1;
        }
    }
}
