namespace Resilience.Polly;

internal static class QueueSettings
{
    private static readonly TimeSpan Day = TimeSpan.FromDays(1);

    private static readonly DurationKind Wait = new(TimeSpan.Zero, Day);

    // No pause at all would be a circle without end that a full bulkhead turns.
    private static readonly DurationKind Rest = new(TimeSpan.FromMilliseconds(1), Day);

    public static readonly SettingsBlock<QueueOptions> Block = new SettingsBlock<QueueOptions>()
        .Add("Pipeline", new NameKind(), o => o.Pipeline, (o, v) => o.Pipeline = v)
        .Add("Capacity", new NumberKind<int>(1, 1_000_000), o => o.Capacity, (o, v) => o.Capacity = v)
        .Add("EnqueueTimeout", Wait, o => o.EnqueueTimeout, (o, v) => o.EnqueueTimeout = v)
        .Add("Workers", new NumberKind<int>(1, 10_000), o => o.Workers, (o, v) => o.Workers = v)
        .Add("Pause", Rest, o => o.Pause, (o, v) => o.Pause = v)
        .Add("DrainTimeout", Wait, o => o.DrainTimeout, (o, v) => o.DrainTimeout = v);

    public static bool AreEqual(QueueOptions left, QueueOptions right) => Block.List(left).SequenceEqual(Block.List(right));

    /// <summary>A queue in one line, for the log.</summary>
    public static string Summary(string name, QueueOptions options, string? pipeline) =>
        $"{name}: {options.Capacity} may wait ({(options.EnqueueTimeout == TimeSpan.Zero ? "no wait for room" : $"{Text.Of(options.EnqueueTimeout)} for room")}), " +
        $"{options.Workers} in work, pause {Text.Of(options.Pause)}, drain {Text.Of(options.DrainTimeout)}, " +
        (pipeline is null ? "through no pipeline" : $"through pipeline {pipeline}");
}
