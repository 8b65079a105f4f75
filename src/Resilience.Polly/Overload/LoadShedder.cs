namespace Resilience.Polly;

/// <summary>Owns what one pipeline knows of the load: whether there is overload, and how many calls of which priority came lately.</summary>
internal sealed class LoadShedder(TimeProvider clock)
{
    private const int Seconds = 10;

    // Made with the first call that may be shed: most pipelines have none.
    private Recent? _recent;
    private string? _overload;

    /// <summary>Why there is overload, in words; <see langword="null"/> while there is none.</summary>
    public string? Overload => Volatile.Read(ref _overload);

    /// <summary>Takes note of the load; tells whether it crossed the line.</summary>
    public bool Look(SystemLoad? load, LoadSheddingOptions options)
    {
        var overload = options.Enabled ? Shedding.Overload(load, options) : null;
        return Interlocked.Exchange(ref _overload, overload) is null != overload is null;
    }

    /// <summary>Counts a call, and decides whether it is given up.</summary>
    public bool Sheds(CallPriority priority, long now, double share)
    {
        if (priority == CallPriority.Critical)
        {
            return false;
        }

        var recent = LazyInitializer.EnsureInitialized(ref _recent, () => new Recent(now));

        // From 1: an empty part of a counter reads as period 0.
        var second = 1 + (int)Math.Max(0, (now - recent.Origin) / clock.TimestampFrequency);
        (priority == CallPriority.Sheddable ? recent.Sheddable : recent.Normal).Add(second);
        return Overload is not null
            && Random.Shared.NextDouble() < Shedding.Probability(priority, share, recent.Sheddable.Sum(second), recent.Normal.Sum(second));
    }

    /// <summary>The calls of the last seconds that may be shed.</summary>
    private sealed class Recent(long origin)
    {
        public long Origin => origin;

        public SlidingCounter Sheddable { get; } = new(Seconds);

        public SlidingCounter Normal { get; } = new(Seconds);
    }
}
