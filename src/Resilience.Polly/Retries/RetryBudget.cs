namespace Resilience.Polly;

/// <summary>Owns the counts behind <see cref="RetryBudgetOptions"/>: what may be repeated follows from what was called.</summary>
internal sealed class RetryBudget(TimeProvider clock)
{
    private readonly Lock _withdrawing = new();
    private Counts _counts = new(TimeSpan.Zero, clock);

    /// <summary>Notes a call that reached the dependency; those that were rejected before earn no retries.</summary>
    public void NoteCall(long timestamp, RetryBudgetOptions options)
    {
        if (options.Enabled)
        {
            var counts = CountsOf(options.Window);
            counts.Calls.Add(counts.Period(timestamp));
        }
    }

    /// <summary>Takes one retry from the budget, or says that it is spent.</summary>
    public bool TryWithdraw(RetryBudgetOptions options)
    {
        if (!options.Enabled)
        {
            return true;
        }

        var counts = CountsOf(options.Window);
        var period = counts.Period(clock.GetTimestamp());
        lock (_withdrawing)
        {
            var allowed = (options.Ratio * counts.Calls.Sum(period)) + (options.ReservePerSecond * options.Window.TotalSeconds);
            if (counts.Retries.Sum(period) + 1 > allowed)
            {
                return false;
            }

            counts.Retries.Add(period);
            return true;
        }
    }

    // Another window begins anew: its periods have other numbers.
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

    private sealed class Counts(TimeSpan window, TimeProvider clock)
    {
        private const int Parts = 10;

        private readonly long _origin = clock.GetTimestamp();
        private readonly long _partLength = Math.Max(1, clock.Ticks(window) / Parts);

        public TimeSpan Window => window;

        public SlidingCounter Calls { get; } = new(Parts);

        public SlidingCounter Retries { get; } = new(Parts);

        // From 1, so that an empty word, which reads as period 0, is never taken for the present one;
        // and from the beginning of these counts, so that the number fits half a word for years.
        public int Period(long timestamp) => 1 + (int)Math.Max(0, (timestamp - _origin) / _partLength);
    }
}
