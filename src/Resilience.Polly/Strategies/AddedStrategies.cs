using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using Polly;
using Polly.Registry;
using Polly.Testing;
using Resilience.Polly.Primitives;

namespace Resilience.Polly.Strategies;

/// <summary>The application's strategies of one pipeline, built once. They outlive every change of the settings.</summary>
internal sealed class AddedStrategies(StrategyChain? aroundCall, StrategyChain? aroundAttempt, ResiliencePipelineRegistry<int>? owner) : IAsyncDisposable
{
    /// <summary>A pipeline without strategies pays nothing for them.</summary>
    public static readonly AddedStrategies None = new(null, null, null);

    public StrategyChain? AroundCall => aroundCall;

    public StrategyChain? AroundAttempt => aroundAttempt;

    public ValueTask DisposeAsync() => owner?.DisposeAsync() ?? default;
}

/// <summary>Builds the strategies that one callback of the application adds to a pipeline. The registry owns and disposes them.</summary>
internal delegate BuiltStrategies BuildStrategies(ResiliencePipelineRegistry<int> registry, int key, IServiceProvider services);

/// <summary>The built strategies of one callback.</summary>
internal abstract class BuiltStrategies(ResiliencePipelineDescriptor descriptor)
{
    public IEnumerable<string> Names { get; } = [.. descriptor.Strategies.Select(StrategyName.Of)];

    /// <summary>Adds the strategies if they are for this type of result.</summary>
    public abstract void AddTo<TResult>(ResiliencePipelineBuilder<TResult> chain);
}

internal sealed class StrategiesForAll(ResiliencePipeline pipeline) : BuiltStrategies(pipeline.GetPipelineDescriptor())
{
    public override void AddTo<TResult>(ResiliencePipelineBuilder<TResult> chain) => chain.AddPipeline(pipeline);
}

internal sealed class StrategiesFor<TOnly>(ResiliencePipeline<TOnly> pipeline) : BuiltStrategies(pipeline.GetPipelineDescriptor())
{
    public override void AddTo<TResult>(ResiliencePipelineBuilder<TResult> chain)
    {
        if (chain is ResiliencePipelineBuilder<TOnly> same)
        {
            same.AddPipeline(pipeline);
        }
    }
}

/// <summary>The application's strategies at one place of a pipeline, outermost first.</summary>
internal sealed class StrategyChain(IReadOnlyList<BuiltStrategies> strategies)
{
    // One chain for each type of result. All chains share the same strategies and their state.
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
