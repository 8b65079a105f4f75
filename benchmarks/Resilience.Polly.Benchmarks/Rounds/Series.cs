namespace Resilience.Polly.Benchmarks;

/// <summary>What was measured of a contender, round by round.</summary>
internal sealed class Series(string name)
{
    private readonly List<double> _times = [];
    private readonly List<double> _bytes = [];

    public string Name => name;

    /// <summary>Nanoseconds per call, the median of the rounds.</summary>
    public double Time => Quantiles.Median(_times);

    /// <summary>Bytes allocated per call, the median of the rounds.</summary>
    public double Bytes => Quantiles.Median(_bytes);

    public void Add(double time, double bytes)
    {
        _times.Add(time);
        _bytes.Add(bytes);
    }

    /// <summary>How many nanoseconds longer than the other, within a round; the median of the rounds.</summary>
    public double TimeAbove(Series other) => Quantiles.Median([.. _times.Zip(other._times, (ours, theirs) => ours - theirs)]);

    /// <summary>How many times as long as the other, within a round.</summary>
    public Spread TimeBeside(Series other) => Spread.Of([.. _times.Zip(other._times, (ours, theirs) => ours / theirs)]);
}
