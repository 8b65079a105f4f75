using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using Polly;
using Polly.Registry;
using Resilience.Polly.Flow;

namespace Resilience.Polly.Pipelines;

/// <summary>
/// Polly's own provider of pipelines by name. Names that are not ours are looked up in Polly's registry,
/// so <c>AddResiliencePipeline</c> keeps working beside <c>AddResilience</c>. That registry is created for the first such name.
/// </summary>
internal sealed class PipelineProvider(PipelineRegistry registry, LivePipelines inUse, Func<ResiliencePipelineRegistry<string>> others)
    : ResiliencePipelineProvider<string>
{
    // Typed pipelines share the state of the untyped one of the same name; only the wrapper is created per type.
    private readonly ConditionalWeakTable<LivePipeline, ConcurrentDictionary<Type, object>> _typed = [];

    public override ResiliencePipeline GetPipeline(string key) =>
        inUse.TryGetExactly(key, out var live) ? live.Polly
        : TryGetPipeline(key, out var pipeline) ? pipeline
        : throw registry.Unknown(key);

    public override ResiliencePipeline<TResult> GetPipeline<TResult>(string key) =>
        TryGetPipeline<TResult>(key, out var pipeline) ? pipeline : throw registry.Unknown(key);

    public override bool TryGetPipeline(string key, [NotNullWhen(true)] out ResiliencePipeline? pipeline)
    {
        ArgumentNullException.ThrowIfNull(key);
        pipeline = registry.Find(key, byTemplate: false)?.Polly;
        return pipeline is not null
            || others().TryGetPipeline(key, out pipeline)
            || (pipeline = registry.Find(key)?.Polly) is not null;
    }

    public override bool TryGetPipeline<TResult>(string key, [NotNullWhen(true)] out ResiliencePipeline<TResult>? pipeline)
    {
        ArgumentNullException.ThrowIfNull(key);
        var live = registry.Find(key, byTemplate: false);
        if (live is null && others().TryGetPipeline(key, out pipeline))
        {
            return true;
        }

        live ??= registry.Find(key);
        if (live is null)
        {
            pipeline = null;
            return false;
        }

        pipeline = (ResiliencePipeline<TResult>)_typed.GetOrCreateValue(live).GetOrAdd(
            typeof(TResult),
            static (_, untyped) => new ResiliencePipelineBuilder<TResult>().AddPipeline(untyped).Build(),
            live.Polly);
        return true;
    }
}
