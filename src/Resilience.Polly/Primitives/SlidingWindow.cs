using System.Numerics;

namespace Resilience.Polly.Primitives;

/// <summary>
/// Counts over a sliding window of equal parts, in as many columns as its owner needs. The first columns can be kept as a sum beyond the window.
/// </summary>
/// <remarks>
/// Counting is lock-free and allocates only until each part has been used once. Only two things take the lock: the first count in a new part, which reuses the oldest part, and
/// reading. If a thread sleeps for a whole window between finding its part and counting in it, it counts in a later part: once, and not lost.
/// A read sums only what can have changed: no part of a window that is over, and for kept columns only the newest part.
/// </remarks>
/// <param name="clock">The clock of the window's timestamps. The first part begins now.</param>
/// <param name="length">The length of the window.</param>
/// <param name="parts">Into how many parts the window is divided. It moves by one part at a time.</param>
/// <param name="columns">How many separate counts there are.</param>
/// <param name="kept">How many columns, from the first on, are kept beyond the window.</param>
internal sealed class SlidingWindow(TimeProvider clock, TimeSpan length, int parts, int columns, int kept = 0)
{
    private readonly Lock _gate = new();
    private readonly long _origin = clock.GetTimestamp();
    private readonly long _partLength = Math.Max(1, clock.Ticks(length) / parts);
    private Part?[] _parts = []; // created with the first count
    private long[] _sums = []; // of the kept columns: of the reused parts, and then of all parts but the newest
    private Part _newest = Part.Past;
    private bool _isStale; // a count came to a part that was already closed

    /// <summary>Whether the part of this time has no count yet.</summary>
    public bool IsNew(long timestamp) => timestamp >= Volatile.Read(ref _newest).EndsAt;

    /// <summary>The row to count in, by <see cref="Interlocked"/>. A late count goes into the newest part.</summary>
    public int[] At(long timestamp)
    {
        // The usual count needs no division.
        var part = Volatile.Read(ref _newest);
        return (timestamp < part.EndsAt ? part : Begin(NumberOf(timestamp))).Row;
    }

    /// <summary>Call it after counting in kept columns, with their row. Otherwise a late count is missing from <see cref="AddAll"/> until its part is reused.</summary>
    /// <remarks>The count is a full fence. Either the count was there when its part was closed, or its thread sees here that it was not.</remarks>
    public void Counted(int[] row)
    {
        if (Volatile.Read(ref _newest).Row != row)
        {
            Volatile.Write(ref _isStale, true);
        }
    }

    /// <summary>Whether the window that ends at a time has no counts.</summary>
    public bool IsOver(long now) => NumberOf(now) - Volatile.Read(ref _newest).Number >= parts;

    /// <summary>How much time the window that ends at a time looks back on: its newest part is not over.</summary>
    public TimeSpan Covered(long now) => clock.GetElapsedTime(Math.Max(_origin, _origin + ((NumberOf(now) - parts + 1) * _partLength)), now);

    /// <summary>Adds the counts of the window that ends at a time to a row of sums, one for each column.</summary>
    public void AddWindow(Span<long> sums, long now)
    {
        if (IsOver(now))
        {
            return;
        }

        lock (_gate)
        {
            var number = NumberOf(now);
            foreach (var part in _parts)
            {
                if (part is not null && number - part.Number < parts)
                {
                    part.AddTo(sums, 0);
                }
            }
        }
    }

    /// <summary>Adds all counts so far to a row of sums, one for each kept column from <paramref name="first"/> on. Sums never decrease.</summary>
    public void AddAll(Span<long> sums, int first = 0)
    {
        lock (_gate)
        {
            if (Volatile.Read(ref _isStale) && Interlocked.Exchange(ref _isStale, false))
            {
                Close();
            }

            if (_sums.Length > 0)
            {
                var closed = Closed.Slice(first, sums.Length);
                for (var column = 0; column < sums.Length; column++)
                {
                    sums[column] += closed[column];
                }

                _newest.AddTo(sums, first);
            }
        }
    }

    private Span<long> Reused => _sums.AsSpan(0, kept);

    private Span<long> Closed => _sums.AsSpan(kept);

    private long NumberOf(long timestamp) => Math.Max(0, timestamp - _origin) / _partLength;

    private Part Begin(long number)
    {
        lock (_gate)
        {
            if (_parts.Length == 0)
            {
                (_parts, _sums) = (new Part?[parts], new long[2 * kept]);
            }

            ref var part = ref _parts[number % parts];
            part ??= new Part(columns);
            if (part.Number < number)
            {
                part.BeginAs(number, _origin + ((number + 1) * _partLength), Reused);
                if (part.Number >= _newest.Number)
                {
                    Interlocked.Exchange(ref _newest, part); // before the others are summed: see Counted
                }

                Close();
            }

            return part;
        }
    }

    // Under the lock: sums all but the newest part.
    private void Close()
    {
        if (kept == 0)
        {
            return;
        }

        Reused.CopyTo(Closed);
        foreach (var part in _parts)
        {
            if (part is not null && part != _newest)
            {
                part.AddTo(Closed, 0);
            }
        }
    }

    private sealed class Part(int columns)
    {
        /// <summary>Before the first count.</summary>
        public static readonly Part Past = new(0) { Number = long.MinValue / 2, EndsAt = long.MinValue };

        public int[] Row { get; } = new int[columns];

        public long Number { get; private set; } = -1;

        public long EndsAt { get; private set; }

        public void AddTo(Span<long> sums, int first)
        {
            var counts = Row.AsSpan(first, sums.Length);
            var index = 0;
            for (; index <= counts.Length - Vector<int>.Count; index += Vector<int>.Count)
            {
                Vector.Widen(new Vector<int>(counts[index..]), out var low, out var high);
                (new Vector<long>(sums[index..]) + low).CopyTo(sums[index..]);
                (new Vector<long>(sums[(index + Vector<long>.Count)..]) + high).CopyTo(sums[(index + Vector<long>.Count)..]);
            }

            for (; index < counts.Length; index++)
            {
                sums[index] += counts[index];
            }
        }

        // Counts of other threads meanwhile are in the old sum or in the new part.
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
