namespace Resilience.Polly;

/// <summary>Owns the counts behind <see cref="RetryBudgetOptions"/>: what may be repeated follows from what was called.</summary>
/// <remarks>
/// Calls are not counted here a second time. How many reached the dependency is read from the statistics and the slots, when a retry is asked for and once in each
/// part of the window; what was in the window is a difference. Those that were rejected earn no retries, and neither do those that their caller cancelled.
/// </remarks>
internal sealed class RetryBudget
{
    private readonly TimeProvider _clock;
    private readonly CallStatistics _calls;
    private readonly Bulkhead _bulkhead;
    private Window? _window;

    public RetryBudget(CallStatistics calls, Bulkhead bulkhead, TimeProvider clock) =>
        (_calls, _bulkhead, _clock) = (calls, bulkhead, clock);

    /// <summary>Notes the time of a call that has its slot and is about to reach the dependency.</summary>
    public void NoteCall(long timestamp, RetryBudgetOptions options)
    {
        if (options.Enabled)
        {
            var window = WindowOf(options.Window);
            if (window.IsPast(timestamp))
            {
                window.MoveTo(timestamp, Reached() - 1); // without this one, which is in the new part
            }
        }
    }

    /// <summary>Takes one retry from the budget, or says that it is spent.</summary>
    public bool TryWithdraw(RetryBudgetOptions options) =>
        !options.Enabled
        || WindowOf(options.Window).TryWithdraw(_clock.GetTimestamp(), Reached(), options.Ratio, options.ReservePerSecond * options.Window.TotalSeconds);

    private long Reached() => Ended() + _bulkhead.InUse;

    private long Ended()
    {
        var ended = _calls.ReadLifetime();
        return ended.Succeeded + ended.Refused + ended.Failed + ended.TimedOut;
    }

    // Another window begins anew: its parts have another length. What is inside now counts as begun in it.
    private Window WindowOf(TimeSpan length)
    {
        var window = Volatile.Read(ref _window);
        if (window?.Length == length)
        {
            return window;
        }

        var fresh = new Window(length, Ended(), _clock);
        var seen = Interlocked.CompareExchange(ref _window, fresh, window);
        return seen?.Length == length && !ReferenceEquals(seen, window) ? seen : fresh;
    }

    /// <summary>A sliding window of ten parts, with the calls and retries that there had been at the start of each.</summary>
    private sealed class Window
    {
        private const int Parts = 10;

        private readonly Lock _gate = new();
        private readonly long _partLength;
        private readonly long[] _callsBefore = new long[Parts];
        private readonly long[] _retriesBefore = new long[Parts];
        private long _partEndsAt;
        private long _retries;
        private int _part;

        public Window(TimeSpan length, long callsBefore, TimeProvider clock)
        {
            Length = length;
            _partLength = Math.Max(1, clock.Ticks(length) / Parts);
            _partEndsAt = clock.GetTimestamp() + _partLength;
            Array.Fill(_callsBefore, callsBefore);
        }

        public TimeSpan Length { get; }

        public bool IsPast(long timestamp) => timestamp >= Volatile.Read(ref _partEndsAt);

        public void MoveTo(long timestamp, long calls)
        {
            lock (_gate)
            {
                Move(timestamp, calls);
            }
        }

        public bool TryWithdraw(long timestamp, long calls, double ratio, double reserve)
        {
            lock (_gate)
            {
                Move(timestamp, calls);
                var oldest = (_part + 1) % Parts;
                if (_retries - _retriesBefore[oldest] + 1 > (ratio * (calls - _callsBefore[oldest])) + reserve)
                {
                    return false;
                }

                _retries++;
                return true;
            }
        }

        // Under the lock. The parts of a pause in which nothing was called are empty: ten of them are a whole window.
        private void Move(long timestamp, long calls)
        {
            if (timestamp < _partEndsAt)
            {
                return;
            }

            var passed = 1 + ((timestamp - _partEndsAt) / _partLength);
            for (var i = 0; i < Math.Min(passed, Parts); i++)
            {
                _part = (_part + 1) % Parts;
                _callsBefore[_part] = calls;
                _retriesBefore[_part] = _retries;
            }

            Volatile.Write(ref _partEndsAt, _partEndsAt + (passed * _partLength));
        }
    }
}
