using Resilience.Polly.Configuration;
using Resilience.Polly.Flow;
using Resilience.Polly.Primitives;
using Resilience.Polly.Statistics;
using Resilience.Polly.Strategies;

namespace Resilience.Polly.Pipelines;

/// <summary>Bounds the number of pipelines that come from templates, and forgets the idle ones. Called under the lock of <see cref="PipelineRegistry"/>.</summary>
/// <remarks>
/// The application may hold a forgotten pipeline. As long as it does, the pipeline is kept too: a lookup of its name finds it again, and a call through it brings it back.
/// </remarks>
internal sealed class TemplatePipelines(LivePipelines pipelines, TimeProvider clock)
{
    private readonly Dictionary<string, int> _counts = new(StringComparer.OrdinalIgnoreCase);
    private readonly Dictionary<string, WeakReference<LivePipeline>> _forgotten = new(StringComparer.OrdinalIgnoreCase);
    private readonly IdleTimes<LivePipeline> _idle = new(clock);
    private readonly HashSet<string> _full = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>Forgotten pipelines that the application still holds.</summary>
    public IEnumerable<LivePipeline> Held => _forgotten.Values.Select(held => held.TryGetTarget(out var pipeline) ? pipeline : null).OfType<LivePipeline>();

    /// <summary>Whether a template may create another pipeline, and if not, whether this is the first refusal since there was room.</summary>
    public bool HasRoom(NamedOptions wanted, out bool isFirst)
    {
        var hasRoom = _counts.GetValueOrDefault(wanted.Template!) < wanted.Options.MaxPartitions;
        isFirst = !hasRoom && _full.Add(wanted.Template!);
        return hasRoom;
    }

    /// <summary>Counts a pipeline that a template has created.</summary>
    public void Added(LivePipeline pipeline) => _counts[pipeline.Template!] = _counts.GetValueOrDefault(pipeline.Template!) + 1;

    /// <summary>A forgotten pipeline that the application still holds, in use again; <see langword="null"/> if there is none.</summary>
    public LivePipeline? FindHeld(string name) =>
        _forgotten.TryGetValue(name, out var held) && held.TryGetTarget(out var pipeline) ? BringBack(pipeline) : null;

    /// <summary>To call once a second.</summary>
    public void ForgetIdle()
    {
        foreach (var pipeline in pipelines.InUse)
        {
            // Strategies of the application live as long as the application does, and so does a pipeline that has some.
            if (pipeline.Template is { } template && ReferenceEquals(pipeline.Strategies, AddedStrategies.None)
                && _idle.HasBeenIdle(pipeline, pipeline.IsIdle, pipeline.Settings.Options.PartitionIdleTimeout - CallStatistics.Window))
            {
                _idle.Forget(pipeline);
                pipelines.Remove(pipeline);
                _forgotten[pipeline.Name] = new(pipeline);
                _counts[template]--;
                _full.Remove(template);
            }
        }

        foreach (var (name, held) in _forgotten)
        {
            if (!held.TryGetTarget(out var pipeline))
            {
                _forgotten.Remove(name);
            }
            else if (!pipeline.IsIdle)
            {
                BringBack(pipeline);
            }
        }
    }

    private LivePipeline BringBack(LivePipeline pipeline)
    {
        _forgotten.Remove(pipeline.Name);
        Added(pipeline);
        return pipelines.Add(pipeline);
    }
}
