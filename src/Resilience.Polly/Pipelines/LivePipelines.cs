using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using System.Diagnostics.Metrics;
using Microsoft.Extensions.DependencyInjection;
using Polly;
using Polly.Telemetry;
using Resilience.Polly.Configuration;
using Resilience.Polly.Events;
using Resilience.Polly.Flow;
using Resilience.Polly.Primitives;
using Resilience.Polly.Strategies;
using Resilience.Polly.Telemetry;
using Resilience.Polly.Timeouts;

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

/// <summary>Makes pipelines out of what the application has registered: clock, classifiers, listeners, Polly's telemetry.</summary>
internal sealed class LivePipelineFactory(
    Surroundings surroundings, EventHub hub, CallInstruments instruments, IEnumerable<IFailureClassifier> classifiers, IServiceProvider services)
{
    private readonly IFailureClassifier[] _classifiers = [.. classifiers];

    private readonly DeadlinePool _deadlines = new(surroundings.Clock);

    // What Polly.Extensions gives to every builder of the application; one serves all pipelines, and the first of them asks for it.
    private readonly Lazy<TelemetryListener?> _telemetry = new(() => services.GetRequiredService<ResiliencePipelineBuilder>().TelemetryListener);

    public LivePipeline Create(NamedOptions pipeline, AddedStrategies strategies)
    {
        var (name, options) = pipeline;
        var events = new PipelineEvents(name, _telemetry.Value, hub, instruments, surroundings);
        return new LivePipeline(name, options, strategies, _classifiers, events, instruments, surroundings.Clock, _deadlines, CreateFlow);
    }

    private static ResilienceStrategy CreateFlow(LivePipeline pipeline) =>
        pipeline.Strategies.AroundCall is { } aroundCall ? new OutcomeFlow(pipeline, aroundCall) : new PipelineFlow(pipeline);
}
