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
