namespace Resilience.Polly;

/// <summary>Owns the counts behind <see cref="RetryBudgetOptions"/>: what may be repeated follows from what was called.</summary>
internal sealed class RetryBudget(TimeProvider clock)
{
    private Counts _counts = new(TimeSpan.Zero, clock);

    /// <summary>Notes a call that reached the dependency; those that were rejected before earn no retries.</summary>
    public void NoteCall(long timestamp, RetryBudgetOptions options)
    {
        if (options.Enabled)
        {
            CountsOf(options.Window).NoteCall(timestamp);
        }
    }

    /// <summary>Takes one retry from the budget, or says that it is spent.</summary>
    public bool TryWithdraw(RetryBudgetOptions options) =>
        !options.Enabled || CountsOf(options.Window).TryWithdraw(clock.GetTimestamp(), options.Ratio, options.ReservePerSecond * options.Window.TotalSeconds);

    // Another window begins anew: its parts have another length.
    private Counts CountsOf(TimeSpan window)
    {
        var counts = Volatile.Read(ref _counts);
        if (counts.Window == window)
        {
            return counts;
        }

        var fresh = new Counts(window, clock);
        var seen = Interlocked.CompareExchange(ref _counts, fresh, counts);
        return ReferenceEquals(seen, counts) || seen.Window != window ? fresh : seen;
    }

    /// <summary>
    /// Calls and retries over a sliding window of ten parts. Both are counted from the beginning, and what they were at the start of each part is
    /// kept: a call costs one increment, and what was in the window is a difference.
    /// </summary>
    private sealed class Counts(TimeSpan window, TimeProvider clock)
    {
        private const int Parts = 10;

        private readonly Lock _gate = new();
        private readonly long _partLength = Math.Max(1, clock.Ticks(window) / Parts);
        private readonly long[] _callsBefore = new long[Parts];
        private readonly long[] _retriesBefore = new long[Parts];
        private long _partEndsAt = clock.GetTimestamp() + Math.Max(1, clock.Ticks(window) / Parts);
        private long _calls;
        private long _retries;
        private int _part;

        public TimeSpan Window => window;

        public void NoteCall(long timestamp)
        {
            if (timestamp >= Volatile.Read(ref _partEndsAt))
            {
                lock (_gate)
                {
                    MoveTo(timestamp);
                }
            }

            Interlocked.Increment(ref _calls);
        }

        public bool TryWithdraw(long timestamp, double ratio, double reserve)
        {
            lock (_gate)
            {
                MoveTo(timestamp);
                var oldest = (_part + 1) % Parts;
                var calls = Volatile.Read(ref _calls) - _callsBefore[oldest];
                if (_retries - _retriesBefore[oldest] + 1 > (ratio * calls) + reserve)
                {
                    return false;
                }

                _retries++;
                return true;
            }
        }

        // Under the lock. The parts of a pause in which nothing was called are empty: ten of them are a whole window.
        private void MoveTo(long timestamp)
        {
            if (timestamp < _partEndsAt)
            {
                return;
            }

            var passed = 1 + ((timestamp - _partEndsAt) / _partLength);
            for (var i = 0; i < Math.Min(passed, Parts); i++)
            {
                _part = (_part + 1) % Parts;
                _callsBefore[_part] = Volatile.Read(ref _calls);
                _retriesBefore[_part] = _retries;
            }

            Volatile.Write(ref _partEndsAt, _partEndsAt + (passed * _partLength));
        }
    }
}
