namespace Resilience.Polly;

/// <summary>Counts events over a sliding window of equal parts. Adding is lock-free and allocates nothing.</summary>
/// <remarks>
/// A part is one 64-bit word: the number of the period it counts in the upper half, the count in the lower.
/// Whoever adds first in a new period takes the word over, and with it the old count away; whoever comes late adds to the new one.
/// </remarks>
internal sealed class SlidingCounter(int parts)
{
    private readonly long[] _parts = new long[parts];

    public void Add(int period)
    {
        ref var part = ref _parts[period % _parts.Length];
        while (true)
        {
            var word = Volatile.Read(ref part);
            var next = PeriodOf(word) >= period ? word + 1 : ((long)period << 32) | 1;
            if (Interlocked.CompareExchange(ref part, next, word) == word)
            {
                return;
            }
        }
    }

    /// <summary>The events of <paramref name="period"/> and of as many periods before it as the window holds.</summary>
    public long Sum(int period)
    {
        long sum = 0;
        foreach (ref var part in _parts.AsSpan())
        {
            var word = Volatile.Read(ref part);
            var age = period - PeriodOf(word);
            if (age >= 0 && age < _parts.Length)
            {
                sum += word & 0xFFFF_FFFF;
            }
        }

        return sum;
    }

    private static int PeriodOf(long word) => (int)(word >> 32);
}
