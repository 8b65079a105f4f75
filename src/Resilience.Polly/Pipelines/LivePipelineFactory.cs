using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Polly;
using Polly.Telemetry;

namespace Resilience.Polly;

/// <summary>Makes pipelines out of what the application has registered: clock, classifiers, listeners, Polly's telemetry.</summary>
internal sealed class LivePipelineFactory(
    IServiceProvider services,
    IEnumerable<IFailureClassifier> classifiers,
    IEnumerable<IResilienceListener> listeners)
{
    private readonly IFailureClassifier[] _classifiers = [.. classifiers];
    private readonly IResilienceListener[] _listeners = [.. listeners];
    private readonly TimeProvider _clock = services.GetService<TimeProvider>() ?? TimeProvider.System;

    // What Polly.Extensions gives to every builder of the application; one serves all pipelines.
    private readonly TelemetryListener? _telemetry = services.GetRequiredService<ResiliencePipelineBuilder>().TelemetryListener;

    /// <summary>For everything that the pipelines log; silent in an application without logging.</summary>
    public ILogger Logger { get; } = services.GetService<ILoggerFactory>()?.CreateLogger(Log.Category) ?? NullLogger.Instance;

    public LivePipeline Create(NamedOptions pipeline)
    {
        var (name, options) = pipeline;
        var events = new PipelineEvents(name, _telemetry, _listeners, Logger);
        return new LivePipeline(name, options, _classifiers, events, _clock);
    }
}
