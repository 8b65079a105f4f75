using Resilience.Polly.Outcomes;
using Resilience.Polly.Primitives;

namespace Resilience.Polly.Bulkheads;

/// <summary>
/// Slots and a line of waiters, first come, first served (guide: "How Our Bulkhead Works").
/// </summary>
/// <remarks>
/// Slots in use, their limit and the number of waiters share one 64-bit word, so each decision sees all three at one moment.
/// Without waiters, entering is one compare-and-swap and leaving one decrement. Every change of the line, and of the waiters in the
/// word, happens under the lock. So a caller that sees a waiter in the word always takes the lock and cannot
/// overtake, and only the first in line can take a slot that is released.
/// </remarks>
internal sealed class Bulkhead
{
    // Bits 0-19: slots in use. Bits 20-39: their limit. Bits 40-62: waiters.
    private const int FieldBits = 20;
    private const long FieldMask = (1L << FieldBits) - 1;
    private const long OneWaiter = 1L << (2 * FieldBits);

    private readonly TimeProvider _clock;
    private readonly Lock _gate = new();
    private readonly LinkedList<BulkheadWaiter> _line = new();
    private CacheLinePadded _slots;
    private int _peak;
    private int _paused;
    private int _room = -1;
    private bool _isRetired; // for good

    public Bulkhead(int limit, TimeProvider clock)
    {
        _clock = clock;
        _slots.Word = (long)limit << FieldBits;
    }

    public int InUse => InUseOf(Word);

    /// <summary>Calls that may be inside at once: its slots, and those that it would get from other instances.</summary>
    public int Limit => Volatile.Read(ref _room) is >= 0 and var room ? room : Slots;

    /// <summary>Slots that calls take without asking other instances.</summary>
    public int Slots => LimitOf(Word);

    /// <summary>Sets <see cref="Limit"/> for slots that instances share; -1 makes it the slots here.</summary>
    public int Room { set => Volatile.Write(ref _room, value); }

    public int Waiting => WaitingOf(Word);

    /// <summary>Whether it has no slots any more, and gets none.</summary>
    public bool IsRetired => Volatile.Read(ref _isRetired);

    /// <summary>Calls that have given their slot back between two attempts.</summary>
    public int Paused => Volatile.Read(ref _paused);

    private long Word => Volatile.Read(ref _slots.Word);

    /// <summary>The slots at one moment.</summary>
    public BulkheadSnapshot Read(LimitChangedEvent? lastChange = null, SharedBulkheadSnapshot? shared = null)
    {
        var word = Word;
        return new() { Limit = Limit, InUse = InUseOf(word), Waiting = WaitingOf(word), Peak = Volatile.Read(ref _peak), WaitingToRetry = Paused, LastLimitChange = lastChange, Shared = shared };
    }

    public Rejection Reject(BulkheadEntry entry, BulkheadOptions options) => new(
        RejectedBy.Bulkhead, new Reason(entry, Limit, options), Waited: options.AcquisitionTimeout);

    public string Why(BulkheadEntry entry, BulkheadOptions options) => new Reason(entry, Limit, options).Why;

    /// <summary>Takes a slot if one is free and no one waits.</summary>
    public bool TryEnter()
    {
        var word = Word;
        while (WaitingOf(word) == 0 && HasRoom(word))
        {
            var seen = Interlocked.CompareExchange(ref _slots.Word, word + 1, word);
            if (seen == word)
            {
                NotePeak(InUseOf(word) + 1);
                return true;
            }

            word = seen;
        }

        return false;
    }

    /// <summary>Takes a slot, or waits in line for one.</summary>
    public ValueTask<BulkheadEntry> EnterAsync(BulkheadOptions options, CancellationToken cancellationToken) =>
        EnterOrJoin(options, cancellationToken, out var waiter) is { } entry
            ? new(entry)
            : new(WaitAsync(waiter!, options.AcquisitionTimeout, cancellationToken));

    /// <summary>The same for a synchronous call: blocks its thread.</summary>
    public BulkheadEntry Enter(BulkheadOptions options, CancellationToken cancellationToken)
    {
        if (EnterOrJoin(options, cancellationToken, out var waiter) is { } entry)
        {
            return entry;
        }

        BlockingWait.Until(waiter!.Task, options.AcquisitionTimeout, _clock, cancellationToken);
        Leave(waiter, cancellationToken.IsCancellationRequested ? BulkheadEntry.Cancelled : BulkheadEntry.TimedOut); // unless it has already got a slot
        return waiter.Task.Result;
    }

    /// <summary>Releases a slot: to the first waiter, or to the next call.</summary>
    public void Exit()
    {
        if (WaitingOf(Interlocked.Decrement(ref _slots.Word)) > 0)
        {
            lock (_gate)
            {
                AdmitWaiters();
            }
        }
    }

    /// <summary>Releases the slot of a call that will come again, until <see cref="EndPause"/>.</summary>
    public void Pause()
    {
        Interlocked.Increment(ref _paused); // first, so the call is always counted in one of the two
        Exit();
    }

    /// <summary>A call that paused has its slot again, or will not come.</summary>
    public void EndPause() => Interlocked.Decrement(ref _paused);

    /// <summary>Changes the number of slots. A lower one takes effect as calls leave.</summary>
    public void SetLimit(int value)
    {
        lock (_gate)
        {
            if (_isRetired)
            {
                return;
            }

            // The limit in the word changes only under the lock, so the difference stays right while slots come and go.
            Interlocked.Add(ref _slots.Word, (long)(value - LimitOf(Word)) << FieldBits);
            AdmitWaiters();
        }
    }

    /// <summary>Takes all slots away for good, if none is in use and no call waits or pauses. A later call gets <see cref="BulkheadEntry.Retired"/>.</summary>
    public bool TryRetire()
    {
        lock (_gate)
        {
            var word = Word;
            if (_isRetired || InUseOf(word) > 0 || WaitingOf(word) > 0 || Interlocked.CompareExchange(ref _slots.Word, 0, word) != word)
            {
                return _isRetired;
            }

            // No call can enter now. Calls that paused before are seen here, since they paused before they left their slots.
            if (Paused > 0)
            {
                Interlocked.Exchange(ref _slots.Word, word);
                return false;
            }

            Interlocked.Exchange(ref _isRetired, true); // a fence: see PipelinePartition.NoteLate
            return true;
        }
    }

    /// <returns>How it ended; <see langword="null"/> if the waiter is in line now.</returns>
    private BulkheadEntry? EnterOrJoin(BulkheadOptions options, CancellationToken cancellationToken, out BulkheadWaiter? waiter)
    {
        waiter = null;
        if (cancellationToken.IsCancellationRequested)
        {
            return BulkheadEntry.Cancelled;
        }

        lock (_gate)
        {
            if (_isRetired)
            {
                return BulkheadEntry.Retired;
            }

            while (true)
            {
                if (TryEnter())
                {
                    return BulkheadEntry.Entered;
                }

                if (options.AcquisitionTimeout == TimeSpan.Zero)
                {
                    return BulkheadEntry.TimedOut;
                }

                if (_line.Count >= options.MaxQueue)
                {
                    return BulkheadEntry.QueueFull;
                }

                if (TryJoinLine(waiter ??= new()))
                {
                    return null;
                }
            }
        }
    }

    private async Task<BulkheadEntry> WaitAsync(BulkheadWaiter waiter, TimeSpan timeout, CancellationToken cancellationToken)
    {
        var timer = _clock.CreateTimer(_ => Leave(waiter, BulkheadEntry.TimedOut), null, timeout, Timeout.InfiniteTimeSpan);
        await using (timer.ConfigureAwait(false))
        {
            using var registration = cancellationToken.UnsafeRegister(_ => Leave(waiter, BulkheadEntry.Cancelled), null);
            return await waiter.Task.ConfigureAwait(false);
        }
    }

    // Under the lock. False if a slot was released meanwhile. A slot released without the lock is either
    // seen here, since it changes the word, or its release sees the waiter in the word and takes the lock.
    private bool TryJoinLine(BulkheadWaiter waiter)
    {
        var word = Word;
        if ((WaitingOf(word) == 0 && HasRoom(word)) || Interlocked.CompareExchange(ref _slots.Word, word + OneWaiter, word) != word)
        {
            return false;
        }

        waiter.Place = _line.AddLast(waiter);
        return true;
    }

    // Under the lock: while there are waiters, only this code takes slots. Exit may release more meanwhile, and then calls this too.
    private void AdmitWaiters()
    {
        while (_line.First is { } first && HasRoom(Word))
        {
            NotePeak(InUseOf(Interlocked.Add(ref _slots.Word, 1 - OneWaiter)));
            Settle(first.Value, BulkheadEntry.Entered);
        }
    }

    private void Leave(BulkheadWaiter waiter, BulkheadEntry how)
    {
        lock (_gate)
        {
            if (waiter.Place is not null)
            {
                Interlocked.Add(ref _slots.Word, -OneWaiter);
                Settle(waiter, how);
            }
        }
    }

    private void Settle(BulkheadWaiter waiter, BulkheadEntry how)
    {
        _line.Remove(waiter.Place!);
        waiter.Place = null;
        waiter.SetResult(how);
    }

    private void NotePeak(int inUse)
    {
        var peak = Volatile.Read(ref _peak);
        while (inUse > peak)
        {
            var seen = Interlocked.CompareExchange(ref _peak, inUse, peak);
            if (seen == peak)
            {
                return;
            }

            peak = seen;
        }
    }

    private sealed class Reason(BulkheadEntry entry, int slots, BulkheadOptions options)
    {
        public string Why => entry == BulkheadEntry.QueueFull
            ? $"{options.MaxQueue} calls wait for one of {slots} slots already"
            : $"none of {slots} slots became free within {Text.Of(options.AcquisitionTimeout)}";

        public override string ToString() => ExceptionMapper.NoRoom(Why, "more in the pipeline's Bulkhead block");
    }

    private static bool HasRoom(long word) => InUseOf(word) < LimitOf(word);

    private static int InUseOf(long word) => (int)(word & FieldMask);

    private static int LimitOf(long word) => (int)((word >> FieldBits) & FieldMask);

    private static int WaitingOf(long word) => (int)(word >> (2 * FieldBits));
}
