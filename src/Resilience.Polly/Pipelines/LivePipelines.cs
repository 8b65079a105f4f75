using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using System.Diagnostics.Metrics;
using Resilience.Polly.Flow;

namespace Resilience.Polly.Pipelines;

/// <summary>The pipelines in use, by name, without regard to case. <see cref="PipelineRegistry"/> adds to them; others look at them.</summary>
internal sealed class LivePipelines
{
    private readonly ConcurrentDictionary<string, LivePipeline> _byName = new(StringComparer.OrdinalIgnoreCase);

    // The same under the name as it is written, which is how almost everybody asks: a hash that ignores case is slower.
    private readonly ConcurrentDictionary<string, LivePipeline> _byExactName = new();

    public LivePipelines(IMeterFactory meters) => PipelineInstruments.Observe(this, meters);

    public IEnumerable<string> Names => _byName.Select(pipeline => pipeline.Key);

    // Not Values, which takes all locks and a copy.
    public IEnumerable<LivePipeline> InUse => _byName.Select(pipeline => pipeline.Value);

    public bool TryGet(string name, [NotNullWhen(true)] out LivePipeline? pipeline) =>
        TryGetExactly(name, out pipeline) || _byName.TryGetValue(name, out pipeline);

    /// <summary>Finds the pipeline if its name is written as it was given.</summary>
    public bool TryGetExactly(string name, [NotNullWhen(true)] out LivePipeline? pipeline) => _byExactName.TryGetValue(name, out pipeline);

    public LivePipeline Add(LivePipeline pipeline) => _byExactName[pipeline.Name] = _byName[pipeline.Name] = pipeline;
}
