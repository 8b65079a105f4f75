namespace Resilience.Polly.Pipelines;

/// <summary>How many slots were in use in each second of the last minute, and how many of their calls waited for a retry. For one thread.</summary>
internal sealed class SlotSamples
{
    public const int Most = 60;

    private readonly (int InUse, int Waiting)[] _samples = new (int, int)[Most];
    private int _next;

    public int Count { get; private set; }

    public void Add(int inUse, int waiting)
    {
        _samples[_next] = (inUse, waiting);
        _next = (_next + 1) % Most;
        Count = Math.Min(Count + 1, Most);
    }

    /// <summary>The averages over the last seconds. Where there are fewer samples, nothing was in use before.</summary>
    public (double InUse, double Waiting) Average(double seconds)
    {
        var (inUse, waiting, span) = (0L, 0L, Math.Clamp((int)Math.Round(seconds), 1, Most));
        for (var back = 1; back <= Math.Min(span, Count); back++)
        {
            var sample = _samples[(_next - back + Most) % Most];
            inUse += sample.InUse;
            waiting += sample.Waiting;
        }

        return ((double)inUse / span, (double)waiting / span);
    }
}
