using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;

namespace Resilience.Polly;

/// <summary>The pipelines in use, by name, without regard to case. <see cref="PipelineRegistry"/> adds to them; others look at them.</summary>
internal sealed class LivePipelines
{
    private readonly ConcurrentDictionary<string, LivePipeline> _byName = new(StringComparer.OrdinalIgnoreCase);

    public IEnumerable<string> Names => _byName.Select(pipeline => pipeline.Key);

    // Not Values, which takes all locks and a copy.
    public IEnumerable<LivePipeline> InUse => _byName.Select(pipeline => pipeline.Value);

    public bool TryGet(string name, [NotNullWhen(true)] out LivePipeline? pipeline) => _byName.TryGetValue(name, out pipeline);

    public LivePipeline Add(LivePipeline pipeline) => _byName[pipeline.Name] = pipeline;
}
