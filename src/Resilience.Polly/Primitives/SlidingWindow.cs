namespace Resilience.Polly.Primitives;

/// <summary>
/// Counts over a sliding window of equal parts, in as many columns as its owner needs. The first columns can be kept as a sum beyond the window.
/// </summary>
/// <remarks>
/// Counting is lock-free and allocates only until each part was used once. The lock is for the first count in a new part, which reuses the oldest one, and
/// for reading. A thread that sleeps for a whole window between finding its part and counting in it counts in a later part: once, and not lost.
/// </remarks>
/// <param name="clock">The clock whose timestamps the window is given. The first part begins now.</param>
/// <param name="length">The length of the window.</param>
/// <param name="parts">Into how many parts the window is divided. It moves by one part at a time.</param>
/// <param name="columns">How many different things are counted.</param>
/// <param name="kept">How many columns, from the first on, are kept beyond the window.</param>
internal sealed class SlidingWindow(TimeProvider clock, TimeSpan length, int parts, int columns, int kept = 0)
{
    private readonly Lock _gate = new();
    private readonly long _origin = clock.GetTimestamp();
    private readonly long _partLength = Math.Max(1, clock.Ticks(length) / parts);
    private Part?[] _parts = []; // made with the first count
    private long[] _before = [];
    private Part _newest = Part.Past;

    /// <summary>Whether nothing was counted yet in the part of this time.</summary>
    public bool IsNew(long timestamp) => timestamp >= Volatile.Read(ref _newest).EndsAt;

    /// <summary>The row to count in, by <see cref="Interlocked"/>. A count that comes late goes into the newest part.</summary>
    public int[] At(long timestamp)
    {
        // The usual count divides nothing.
        var part = Volatile.Read(ref _newest);
        return (timestamp < part.EndsAt ? part : Begin(NumberOf(timestamp))).Row;
    }

    /// <summary>Adds the counts of the window that ends at a time to a row of sums.</summary>
    /// <param name="sums">The sums, one for each column.</param>
    /// <param name="now">The time.</param>
    /// <param name="first">The column of the first sum.</param>
    public void AddWindow(Span<long> sums, long now, int first = 0)
    {
        lock (_gate)
        {
            var number = NumberOf(now);
            foreach (var part in _parts)
            {
                if (part is not null && number - part.Number < parts)
                {
                    part.AddTo(sums, first);
                }
            }
        }
    }

    /// <summary>Adds all counts so far to a row of sums, one for each column that is kept. No sum ever goes back.</summary>
    public void AddAll(Span<long> sums)
    {
        lock (_gate)
        {
            for (var column = 0; column < _before.Length; column++)
            {
                sums[column] += _before[column];
            }

            foreach (var part in _parts)
            {
                part?.AddTo(sums, 0);
            }
        }
    }

    private long NumberOf(long timestamp) => Math.Max(0, timestamp - _origin) / _partLength;

    private Part Begin(long number)
    {
        lock (_gate)
        {
            if (_parts.Length == 0)
            {
                (_parts, _before) = (new Part?[parts], new long[kept]);
            }

            ref var part = ref _parts[number % parts];
            part ??= new Part(columns);
            if (part.Number < number)
            {
                part.BeginAs(number, _origin + ((number + 1) * _partLength), _before);
            }

            if (part.Number > _newest.Number)
            {
                Volatile.Write(ref _newest, part);
            }

            return part;
        }
    }

    private sealed class Part(int columns)
    {
        /// <summary>Before the first count.</summary>
        public static readonly Part Past = new(0) { Number = long.MinValue, EndsAt = long.MinValue };

        public int[] Row { get; } = new int[columns];

        public long Number { get; private set; } = -1;

        public long EndsAt { get; private set; }

        public void AddTo(Span<long> sums, int first)
        {
            for (var index = 0; index < sums.Length; index++)
            {
                sums[index] += Volatile.Read(ref Row[first + index]);
            }
        }

        // What other threads count meanwhile is in the old sum or in the new part.
        public void BeginAs(long number, long endsAt, Span<long> before)
        {
            for (var column = 0; column < Row.Length; column++)
            {
                var count = Interlocked.Exchange(ref Row[column], 0);
                if (column < before.Length)
                {
                    before[column] += count;
                }
            }

            (Number, EndsAt) = (number, endsAt);
        }
    }
}
