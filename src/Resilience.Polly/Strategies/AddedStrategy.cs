using Polly;
using Polly.Registry;
using Polly.Testing;

namespace Resilience.Polly.Strategies;

/// <summary>What one callback of the application adds to a pipeline.</summary>
internal abstract class AddedStrategy
{
    /// <summary>Builds the strategies.</summary>
    /// <param name="registry">Owns them, and disposes them.</param>
    /// <param name="key">Their key in it.</param>
    /// <param name="services">The services of the application.</param>
    /// <returns>What was built: the names of the strategies, and how to add them to a chain.</returns>
    public abstract BuiltStrategy Build(ResiliencePipelineRegistry<int> registry, int key, IServiceProvider services);
}

/// <summary>The same, built.</summary>
internal abstract class BuiltStrategy(ResiliencePipelineDescriptor descriptor)
{
    public IEnumerable<string> Names { get; } = [.. descriptor.Strategies.Select(StrategyName.Of)];

    /// <summary>Adds the strategies where they are for this type of result.</summary>
    public abstract void AddTo<TResult>(ResiliencePipelineBuilder<TResult> chain);
}

internal sealed class AddedForAll(Action<ResiliencePipelineBuilder, IServiceProvider> configure) : AddedStrategy
{
    public override BuiltStrategy Build(ResiliencePipelineRegistry<int> registry, int key, IServiceProvider services) =>
        new Built(registry.GetOrAddPipeline(key, builder => configure(builder, services)));

    private sealed class Built(ResiliencePipeline pipeline) : BuiltStrategy(pipeline.GetPipelineDescriptor())
    {
        public override void AddTo<TResult>(ResiliencePipelineBuilder<TResult> chain) => chain.AddPipeline(pipeline);
    }
}

internal sealed class AddedForResult<TOnly>(Action<ResiliencePipelineBuilder<TOnly>, IServiceProvider> configure) : AddedStrategy
{
    public override BuiltStrategy Build(ResiliencePipelineRegistry<int> registry, int key, IServiceProvider services) =>
        new Built(registry.GetOrAddPipeline<TOnly>(key, builder => configure(builder, services)));

    private sealed class Built(ResiliencePipeline<TOnly> pipeline) : BuiltStrategy(pipeline.GetPipelineDescriptor())
    {
        public override void AddTo<TResult>(ResiliencePipelineBuilder<TResult> chain)
        {
            if (chain is ResiliencePipelineBuilder<TOnly> same)
            {
                same.AddPipeline(pipeline);
            }
        }
    }
}
