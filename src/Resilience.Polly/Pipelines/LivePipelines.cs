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

    // In the order of their first use: looked at every second, an array is faster than a dictionary.
    private LivePipeline[] _inUse = [];
    private int _count;

    public LivePipelines(IMeterFactory meters) => PipelineInstruments.Observe(this, meters);

    public IEnumerable<string> Names => _byName.Select(pipeline => pipeline.Key);

    /// <summary>All of them, in the order in which they came into use.</summary>
    public ArraySegment<LivePipeline> InUse
    {
        get
        {
            var count = Volatile.Read(ref _count); // first: the array that is read after it holds as many
            return new(Volatile.Read(ref _inUse), 0, count);
        }
    }

    public bool TryGet(string name, [NotNullWhen(true)] out LivePipeline? pipeline) =>
        TryGetExactly(name, out pipeline) || _byName.TryGetValue(name, out pipeline);

    /// <summary>Finds the pipeline if its name is written as it was given.</summary>
    public bool TryGetExactly(string name, [NotNullWhen(true)] out LivePipeline? pipeline) => _byExactName.TryGetValue(name, out pipeline);

    /// <summary>Adds a pipeline that was not there. For one thread at a time.</summary>
    public LivePipeline Add(LivePipeline pipeline)
    {
        if (_count == _inUse.Length)
        {
            var larger = new LivePipeline[Math.Max(4, _count + (_count / 2))];
            _inUse.CopyTo(larger, 0);
            Volatile.Write(ref _inUse, larger);
        }

        _inUse[_count] = pipeline;
        Volatile.Write(ref _count, _count + 1);
        return _byExactName[pipeline.Name] = _byName[pipeline.Name] = pipeline;
    }
}
