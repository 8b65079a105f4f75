using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using System.Diagnostics.Metrics;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
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

/// <summary>The pipelines in use, by name, ignoring case. <see cref="PipelineRegistry"/> adds to them; others read them.</summary>
internal sealed class LivePipelines
{
    private readonly ConcurrentDictionary<string, LivePipeline> _byName = new(StringComparer.OrdinalIgnoreCase);

    // The same by the exact name, which nearly all code uses: a hash that ignores case is slower.
    private readonly ConcurrentDictionary<string, LivePipeline> _byExactName = new();

    // In the order of their first use. It is read every second, and an array is faster than a dictionary.
    private Listed _inUse = new([], 0);

    public LivePipelines(IMeterFactory meters) => PipelineInstruments.Observe(this, meters);

    public IEnumerable<string> Names => _byName.Select(pipeline => pipeline.Key);

    /// <summary>All of them, in the order in which they came into use.</summary>
    public ArraySegment<LivePipeline> InUse
    {
        get
        {
            var listed = Volatile.Read(ref _inUse);
            return new(listed.Pipelines, 0, listed.Count);
        }
    }

    public bool TryGet(string name, [NotNullWhen(true)] out LivePipeline? pipeline) =>
        TryGetExactly(name, out pipeline) || _byName.TryGetValue(name, out pipeline);

    /// <summary>Finds the pipeline if its name is spelled as it was given.</summary>
    public bool TryGetExactly(string name, [NotNullWhen(true)] out LivePipeline? pipeline) => _byExactName.TryGetValue(name, out pipeline);

    /// <summary>Adds a pipeline that is not there yet. For one thread at a time.</summary>
    public LivePipeline Add(LivePipeline pipeline)
    {
        var (pipelines, count) = _inUse;
        if (count == pipelines.Length)
        {
            Array.Resize(ref pipelines, Math.Max(4, count + (count / 2)));
        }

        pipelines[count] = pipeline; // behind what is read so far
        Volatile.Write(ref _inUse, new(pipelines, count + 1));
        return _byExactName[pipeline.Name] = _byName[pipeline.Name] = pipeline;
    }

    /// <summary>Removes a pipeline. For one thread at a time.</summary>
    public void Remove(LivePipeline pipeline)
    {
        LivePipeline[] rest = [.. InUse.Where(other => other != pipeline)];
        Volatile.Write(ref _inUse, new(rest, rest.Length));
        _byExactName.TryRemove(pipeline.Name, out _);
        _byName.TryRemove(pipeline.Name, out _);
    }

    private sealed record Listed(LivePipeline[] Pipelines, int Count);
}

/// <summary>Creates pipelines from the registrations of the application: clock, classifiers, listeners, Polly's telemetry.</summary>
internal sealed class LivePipelineFactory(
    ApplicationServices application, EventHub hub, CallInstruments instruments, IEnumerable<IFailureClassifier> classifiers, IServiceProvider services, SharedStateHost shared)
{
    private readonly IFailureClassifier[] _classifiers = [.. classifiers];

    private readonly DeadlinePool _deadlines = new(application.Clock);

    // What Polly.Extensions gives to every builder of the application. One serves all pipelines, created with the first of them.
    private readonly Lazy<TelemetryListener?> _telemetry = new(() => services.GetRequiredService<ResiliencePipelineBuilder>().TelemetryListener);

    private readonly Lazy<AttemptReports> _attempts =
        new(() => new(hasListeners: services.GetService<IOptions<TelemetryOptions>>()?.Value.TelemetryListeners.Count > 0));

    public LivePipeline Create(NamedOptions pipeline, AddedStrategies strategies)
    {
        shared.Start();
        var (name, options, template) = pipeline;
        var events = new PipelineEvents(name, _telemetry.Value, _attempts.Value, hub, instruments, application);
        return new LivePipeline(name, template, options, strategies, _classifiers, events, instruments, application.Clock, _deadlines, shared.Sharing, CreateFlow);
    }

    private static ResilienceStrategy CreateFlow(LivePipeline pipeline) =>
        pipeline.Strategies.AroundCall is { } aroundCall ? new OutcomeFlow(pipeline, aroundCall) : new PipelineFlow(pipeline);
}
