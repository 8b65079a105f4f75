using Polly;
using Resilience.Polly.Events;
using Resilience.Polly.Overload;
using Resilience.Polly.Strategies;
using Resilience.Polly.Telemetry;
using Resilience.Polly.Timeouts;

namespace Resilience.Polly.Flow;

/// <summary>Everything that belongs to one name: the settings in force, and the state that outlives them.</summary>
internal sealed class LivePipeline
{
    private readonly Lock _applying = new();
    private readonly IReadOnlyList<IFailureClassifier> _classifiers;
    private readonly CallInstruments _instruments;
    private readonly PipelineSharing? _sharing;
    private ActiveOptions _settings;
    private PipelinePartitions? _partitions; // created when settings ask for partitions: most pipelines have none

    public LivePipeline(
        string name,
        string? template,
        PipelineOptions options,
        AddedStrategies strategies,
        IReadOnlyList<IFailureClassifier> classifiers,
        PipelineEvents events,
        CallInstruments instruments,
        TimeProvider clock,
        DeadlinePool deadlines,
        PipelineSharing? sharing,
        Func<LivePipeline, ResilienceStrategy> createFlow)
    {
        _classifiers = classifiers;
        _instruments = instruments;
        _sharing = sharing;
        (Name, Template) = (name, template);
        Strategies = strategies;
        Clock = clock;
        Deadlines = deadlines;
        Events = events;
        Shedder = new LoadShedder(clock);
        Shared = new PipelinePartition(options, events, instruments, clock, sharing);
        PartitionCalls(options);
        _settings = Activate(options);

        // No telemetry listener here: Polly would time and report every call, and the flow reports the events of the strategies anyway.
        Polly = new ResiliencePipelineBuilder { Name = name, TimeProvider = clock }
            .AddStrategy(_ => createFlow(this))
            .Build();
    }

    public string Name { get; }

    /// <summary>The template that the pipeline was created from; <see langword="null"/> for one with settings of its own.</summary>
    public string? Template { get; }

    /// <summary>Whether the pipeline may be forgotten: no partition of it has a call, an open circuit or anything else to remember.</summary>
    public bool IsIdle => Shared.IsIdle && Partitions?.All.All(partition => partition.IsIdle) != false;

    /// <summary>The strategies that the application has added.</summary>
    public AddedStrategies Strategies { get; }

    public TimeProvider Clock { get; }

    public DeadlinePool Deadlines { get; }

    /// <summary>For events that concern all partitions.</summary>
    public PipelineEvents Events { get; }

    public LoadShedder Shedder { get; }

    /// <summary>The state for all calls, or for those without a partition key if the pipeline is partitioned.</summary>
    public PipelinePartition Shared { get; }

    /// <summary>The partitions by key, if settings have asked for some.</summary>
    public PipelinePartitions? Partitions => Volatile.Read(ref _partitions);

    public ActiveOptions Settings => Volatile.Read(ref _settings);

    /// <summary>The pipeline that users hold.</summary>
    public ResiliencePipeline Polly { get; }

    /// <summary>The state for the calls of a key.</summary>
    public PipelinePartition Of(string? key) => key is null ? Shared : Partitions!.Of(key);

    /// <summary>Puts new settings in force, for the calls that begin from now on.</summary>
    public void Apply(PipelineOptions options)
    {
        lock (_applying)
        {
            PartitionCalls(options);
            Shared.Prepare(options);
            Partitions?.Prepare(options);
            Volatile.Write(ref _settings, Activate(options));
            Shared.Apply(options);
            Partitions?.Apply(options);
        }
    }

    /// <summary>Called once a second: raises and clears alerts, and forgets idle partitions.</summary>
    public void Look()
    {
        var options = Settings.Options;
        Shared.EvaluateAlerts(options);
        Partitions?.Look(options);
    }

    private void PartitionCalls(PipelineOptions options)
    {
        if (_partitions is null && options.PartitionBy != PartitionBy.None)
        {
            // The overflow partition has other keys in each instance, so it shares nothing.
            Volatile.Write(ref _partitions, new(Events, options, Clock, (key, settings, open) => new(settings, Events.Of(key), _instruments, Clock, key == PartitionKey.Overflow ? null : _sharing, open)));
        }
    }

    private ActiveOptions Activate(PipelineOptions options) => new(Name, options, Strategies, _classifiers, Events, Clock);
}
