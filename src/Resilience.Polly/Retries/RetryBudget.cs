using Resilience.Polly.Primitives;
using Resilience.Polly.SharedState;

namespace Resilience.Polly.Retries;

/// <summary>Owns the counts behind <see cref="RetryBudgetOptions"/>: calls earn retries.</summary>
/// <remarks>
/// Calls are not counted here a second time. The number that reached the dependency comes from the statistics and the slots, read for each retry and once in each
/// part of the window. The number in the window is a difference. Rejected calls, and calls that their caller cancelled, earn no retries.
/// </remarks>
/// <param name="calls">The calls that earn retries.</param>
/// <param name="clock">The clock.</param>
/// <param name="instances">The instances that divide the reserve, if they do. The ratio needs no division: it grows with the calls.</param>
internal sealed class RetryBudget(IReachedCalls calls, TimeProvider clock, RunningInstances? instances = null)
{
    private Window? _window;

    /// <summary>Notes the time of a call that has its slot and is about to reach the dependency.</summary>
    public void NoteCall(long timestamp, RetryBudgetOptions options)
    {
        if (options.Enabled)
        {
            var window = WindowOf(options.Window);
            if (window.IsNew(timestamp))
            {
                window.Look(timestamp, Reached() - 1); // without this call, which belongs to the new part
            }
        }
    }

    /// <summary>Takes one retry from the budget; false if it is spent.</summary>
    public bool TryWithdraw(RetryBudgetOptions options) =>
        !options.Enabled
        || WindowOf(options.Window).TryWithdraw(clock.GetTimestamp(), Reached(), options.Ratio, RetryBudgetSnapshot.Reserve(options, Instances));

    /// <summary>The balance now; <see langword="null"/> if the budget is off. It creates no state for a pipeline without any.</summary>
    public RetryBudgetSnapshot? Read(RetryBudgetOptions options)
    {
        if (!options.Enabled)
        {
            return null;
        }

        var window = Volatile.Read(ref _window);
        var (made, called) = window?.Length == options.Window ? window.Read(clock.GetTimestamp(), Reached()) : default;
        return new(made, RetryBudgetSnapshot.Left(made, called, options, Instances));
    }

    private int Instances => instances?.Count ?? 1;

    private long Reached() => calls.Ended + calls.Inside;

    // A new window starts empty, since its parts have another length. Calls inside now count as begun in it.
    private Window WindowOf(TimeSpan length)
    {
        var window = Volatile.Read(ref _window);
        if (window?.Length == length)
        {
            return window;
        }

        var fresh = new Window(length, calls.Ended, clock);
        var seen = Interlocked.CompareExchange(ref _window, fresh, window);
        return seen?.Length == length && !ReferenceEquals(seen, window) ? seen : fresh;
    }

    /// <summary>The calls and retries of the window. Calls are known as a total: those since the last read count for the part of that read.</summary>
    private sealed class Window(TimeSpan length, long seen, TimeProvider clock)
    {
        private const int Calls = 0;
        private const int Retries = 1;

        private readonly Lock _gate = new();
        private readonly SlidingWindow _counts = new(clock, length, parts: 10, columns: 2);
        private long _seen = seen;
        private long _seenAt = clock.GetTimestamp();

        public TimeSpan Length => length;

        public bool IsNew(long timestamp) => _counts.IsNew(timestamp);

        public void Look(long timestamp, long calls)
        {
            lock (_gate)
            {
                _counts.At(_seenAt)[Calls] += (int)(calls - _seen);
                (_seen, _seenAt) = (calls, timestamp);
                _counts.At(timestamp); // begins its part, so this is the only read in it
            }
        }

        public (long Retries, long Calls) Read(long timestamp, long calls)
        {
            lock (_gate)
            {
                Look(timestamp, calls);
                Span<long> sums = stackalloc long[2];
                sums.Clear();
                _counts.AddWindow(sums, timestamp);
                return (sums[Retries], sums[Calls]);
            }
        }

        public bool TryWithdraw(long timestamp, long calls, double ratio, double reserve)
        {
            lock (_gate)
            {
                var (made, called) = Read(timestamp, calls);
                if (made + 1 > (ratio * called) + reserve)
                {
                    return false;
                }

                _counts.At(timestamp)[Retries]++;
                return true;
            }
        }
    }
}
