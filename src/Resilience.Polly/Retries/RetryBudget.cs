namespace Resilience.Polly;

/// <summary>Owns the counts behind <see cref="RetryBudgetOptions"/>: what may be repeated follows from what was called.</summary>
internal sealed class RetryBudget(TimeProvider clock)
{
    private const int Parts = 10;

    private readonly SlidingCounter _calls = new(Parts);
    private readonly SlidingCounter _retries = new(Parts);
    private readonly Lock _withdrawing = new();

    public void NoteCall(long timestamp, RetryBudgetOptions options)
    {
        if (options.Enabled)
        {
            _calls.Add(Period(timestamp, options));
        }
    }

    /// <summary>Takes one retry from the budget, or says that it is spent.</summary>
    public bool TryWithdraw(RetryBudgetOptions options)
    {
        if (!options.Enabled)
        {
            return true;
        }

        var period = Period(clock.GetTimestamp(), options);
        lock (_withdrawing)
        {
            var allowed = (options.Ratio * _calls.Sum(period)) + (options.ReservePerSecond * options.Window.TotalSeconds);
            if (_retries.Sum(period) + 1 > allowed)
            {
                return false;
            }

            _retries.Add(period);
            return true;
        }
    }

    // One more than the quotient, so that an empty word, which reads as period 0, is never taken for the present one.
    private long Period(long timestamp, RetryBudgetOptions options) =>
        1 + (timestamp / Math.Max(1, (long)(options.Window.TotalSeconds * clock.TimestampFrequency / Parts)));
}
