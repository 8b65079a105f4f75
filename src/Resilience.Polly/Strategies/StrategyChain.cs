using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using Polly;
using Resilience.Polly.Primitives;

namespace Resilience.Polly.Strategies;

/// <summary>The application's strategies in one place of a pipeline, outermost first.</summary>
internal sealed class StrategyChain(IReadOnlyList<BuiltStrategy> strategies)
{
    // One chain for each type of result. The strategies in them are the same ones, with their state.
    private readonly ConcurrentDictionary<Type, object> _byResult = new();

    public IReadOnlyList<string> Names { get; } = [.. strategies.SelectMany(strategy => strategy.Names)];

    public ValueTask<Outcome<TResult>> ExecuteAsync<TResult>(ICallback<TResult> callback, ResilienceContext context, bool isSynchronous)
    {
        var chain = (ResiliencePipeline<TResult>)_byResult.GetOrAdd(typeof(TResult), static (_, chain) => chain.Build<TResult>(), this);
        return NestedPipeline.ExecuteAsync(chain, callback, context, isSynchronous);
    }

    [UnconditionalSuppressMessage("Trimming", "IL2091", Justification = "Polly validates the annotations of the options; the type of the result takes no part in it.")]
    private ResiliencePipeline<TResult> Build<TResult>()
    {
        var chain = new ResiliencePipelineBuilder<TResult>();
        foreach (var strategy in strategies)
        {
            strategy.AddTo(chain);
        }

        return chain.Build();
    }
}
