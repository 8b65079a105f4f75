using Resilience.Polly.Primitives;
using Resilience.Polly.Settings;

namespace Resilience.Polly;

/// <summary>How many requests may wait, how many run at once, and the time limits of the queue (guide: "Handling Bulkhead Saturation").</summary>
public sealed class QueueOptions
{
    internal static readonly SettingsBlock<QueueOptions> Settings = new SettingsBlock<QueueOptions>()
        .Add(nameof(Pipeline), Kinds.PipelineName, o => o.Pipeline, (o, v) => o.Pipeline = v)
        .Add(nameof(Capacity), new NumberKind<int>(1, 1_000_000), o => o.Capacity, (o, v) => o.Capacity = v)
        .Add(nameof(EnqueueTimeout), Kinds.Wait, o => o.EnqueueTimeout, (o, v) => o.EnqueueTimeout = v)
        .Add(nameof(Workers), new NumberKind<int>(1, 10_000), o => o.Workers, (o, v) => o.Workers = v)
        .Add(nameof(Pause), Kinds.Limit, o => o.Pause, (o, v) => o.Pause = v) // without a pause, a full bulkhead would make items circulate without end
        .Add(nameof(DrainTimeout), Kinds.Wait, o => o.DrainTimeout, (o, v) => o.DrainTimeout = v);

    /// <summary>The pipeline that the items of the queue run through.</summary>
    /// <value>
    /// The name of a pipeline. <see langword="null"/> means the pipeline with the queue's own name or, if there is none, no pipeline: then use a
    /// client or a pipeline inside the items. The default is <see langword="null"/>.
    /// </value>
    public string? Pipeline { get; set; }

    /// <summary>Items that may wait at once; running ones do not count.</summary>
    /// <value>A number of 1 to 1000000; the default is 100.</value>
    public int Capacity { get; set; } = 100;

    /// <summary>How long a caller waits for room in a full queue before <see cref="PoolTimeoutException"/>; zero means never wait.</summary>
    /// <value>A duration of 00:00:00 to 1.00:00:00; the default is 1 second.</value>
    public TimeSpan EnqueueTimeout { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>The most items that run at once.</summary>
    /// <value>A number of 1 to 10000; the default is 4.</value>
    public int Workers { get; set; } = 4;

    /// <summary>How long a worker rests after its item met saturation and went back.</summary>
    /// <value>A duration of 00:00:00.0010000 to 1.00:00:00; the default is 1 second.</value>
    public TimeSpan Pause { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>How long the queue continues at shutdown before it hands back the rest; zero means that it hands back at once. The host's shutdown timeout
    /// ends it too.</summary>
    /// <value>A duration of 00:00:00 to 1.00:00:00; the default is 20 seconds, which leaves the rest of the host's 30 to others.</value>
    public TimeSpan DrainTimeout { get; set; } = TimeSpan.FromSeconds(20);

    /// <summary>A queue in one line, for the log.</summary>
    internal string Summary(string name, string? pipeline) =>
        $"{name}: {Capacity} may wait ({(EnqueueTimeout == TimeSpan.Zero ? "no wait for room" : $"{Text.Of(EnqueueTimeout)} for room")}), " +
        $"{Workers} in work, pause {Text.Of(Pause)}, drain {Text.Of(DrainTimeout)}, " +
        (pipeline is null ? "through no pipeline" : $"through pipeline {pipeline}");
}
