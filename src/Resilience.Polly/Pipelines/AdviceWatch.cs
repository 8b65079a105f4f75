using System.Runtime.CompilerServices;
using Resilience.Polly.Advisor.Rules;
using Resilience.Polly.Flow;
using Resilience.Polly.Primitives;

namespace Resilience.Polly.Pipelines;

/// <summary>Owns the advice on what is observed. An advice stays until it has not been earned for a minute, and is logged when it comes.</summary>
internal sealed class AdviceWatch(LivePipelines pipelines, ApplicationServices application)
{
    private const int LooksPerEvaluation = 5;
    private const int FewestSamples = 30; // half a minute of calls says enough

    private static readonly TimeSpan Remembered = TimeSpan.FromMinutes(1);

    private readonly ConditionalWeakTable<PipelinePartition, SlotSamples> _samples = [];
    private readonly Dictionary<(string Pipeline, string Id), long> _earnedAt = [];
    private IReadOnlyList<Advice> _advice = [];
    private int _looks;

    /// <summary>The advice that is earned now, the worst first. The same list until it changes.</summary>
    public IReadOnlyList<Advice> Advice => Volatile.Read(ref _advice);

    /// <summary>To call once a second, by one thread at a time. Costs little for a pipeline without calls.</summary>
    public void Look()
    {
        var evaluates = ++_looks % LooksPerEvaluation == 0;
        List<Advice>? fresh = null;
        foreach (var pipeline in pipelines.InUse)
        {
            Look(pipeline, pipeline.Shared, evaluates, ref fresh);
            if (pipeline.Partitions is { } partitions)
            {
                foreach (var partition in partitions.All)
                {
                    Look(pipeline, partition, evaluates, ref fresh);
                }
            }
        }

        if (fresh is not null || (evaluates && _earnedAt.Count > 0))
        {
            Change(fresh ?? []);
        }
    }

    private void Look(LivePipeline pipeline, PipelinePartition partition, bool evaluates, ref List<Advice>? fresh)
    {
        var inUse = partition.Bulkhead.InUse;
        if (inUse == 0 && partition.Calls.IsMinuteOver)
        {
            _samples.Remove(partition);
            return;
        }

        var samples = _samples.GetOrCreateValue(partition);
        samples.Add(inUse, pipeline.Settings.Options.Bulkhead.HoldWhileWaiting ? Math.Min(inUse, partition.RetryWaits) : 0);
        if (evaluates && samples.Count >= FewestSamples)
        {
            Evaluate(pipeline, partition, samples, ref fresh);
        }
    }

    private void Evaluate(LivePipeline pipeline, PipelinePartition partition, SlotSamples samples, ref List<Advice>? fresh)
    {
        var seconds = partition.Calls.MinuteLength.TotalSeconds;
        var (inUse, waiting) = samples.Average(seconds);
        var minute = new ObservedMinute(pipeline.Settings.Options, partition.Calls.ReadMinute().Calls, seconds, inUse, waiting);
        foreach (var rule in ObservedRules.All)
        {
            if (rule.Look(minute) is { } finding)
            {
                var isNew = !_earnedAt.ContainsKey((pipeline.Name, rule.Id));
                _earnedAt[(pipeline.Name, rule.Id)] = pipeline.Clock.GetTimestamp();
                if (isNew)
                {
                    var what = partition.Key is { } key ? $"Partition '{key}': {finding.What}" : finding.What;
                    (fresh ??= []).Add((finding with { What = what }).ToAdvice(rule.Id, pipeline.Name, isObserved: true));
                }
            }
        }
    }

    private void Change(List<Advice> fresh)
    {
        var gone = _earnedAt.Where(earned => application.Clock.GetElapsedTime(earned.Value) >= Remembered).Select(earned => earned.Key).ToList();
        if (gone.Count == 0 && fresh.Count == 0)
        {
            return;
        }

        gone.ForEach(key => _earnedAt.Remove(key));
        Volatile.Write(ref _advice, [.. AdviceEvaluator.InOrder(_advice.Concat(fresh).Where(advice => _earnedAt.ContainsKey((advice.PipelineName, advice.Id))))]);
        fresh.ForEach(advice => AdviceLog.Earned(application.Logger, advice));
    }
}
