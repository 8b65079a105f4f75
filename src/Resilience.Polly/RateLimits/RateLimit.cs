using Resilience.Polly.Outcomes;
using Resilience.Polly.Primitives;

namespace Resilience.Polly.RateLimits;

/// <summary>Owns the permits of one pipeline, the cool-down that its dependency has asked for, and the attempts in line, first come, first served.</summary>
/// <remarks>
/// It is known beforehand when each waiter gets its permit. So a waiter that would wait too long is refused when it comes, and none needs its own timer.
/// Only a cool-down or new settings delay that time, and then refuse each waiter whose wait becomes too long. Times are ticks since the start.
/// </remarks>
#pragma warning disable CA1001 // the timer lives as long as the pipeline, and holds nothing while no attempt waits
internal sealed class RateLimit : ITimerOwner
#pragma warning restore CA1001
{
    private readonly TimeProvider _clock;
    private readonly long _start;
    private readonly Lock _gate = new();
    private readonly LinkedList<RateLimitWaiter> _line = new();
    private LazyTimer? _timer;
    private TokenBucket? _bucket; // kept while the limit is off, so switching it on again gives no new burst
    private bool _isLimited;
    private long _coolUntil;
    private TimeSpan _maxCoolDown;

    public RateLimit(RateLimitOptions options, TimeProvider clock)
    {
        _clock = clock;
        _start = clock.GetTimestamp();
        Apply(options);
    }

    /// <summary>Whether all permits are available, no attempt waits, and no cool-down runs.</summary>
    public bool IsIdle
    {
        get
        {
            lock (_gate)
            {
                var now = Now;
                return _line.Count == 0 && now >= _coolUntil && _bucket?.Refill(now).IsFull != false;
            }
        }
    }

    private long Now => _clock.GetElapsedTime(_start).Ticks;

    /// <summary>Puts new settings in force. Permits, cool-down and waiters stay.</summary>
    public void Apply(RateLimitOptions options)
    {
        lock (_gate)
        {
            var now = Now;
            _isLimited = options is { Permits: not null, Limiter: null };
            if (_isLimited)
            {
                var rate = PermitRate.Of(options.Permits!.Value, options);
                _bucket = _bucket is { } bucket ? bucket.Refill(now).ChangeTo(rate) : TokenBucket.Full(rate, now);
            }

            _maxCoolDown = options.MaxCoolDown;
            _coolUntil = Math.Min(_coolUntil, now + options.MaxCoolDown.Ticks);
            LookAgain(now);
        }
    }

    /// <summary>Takes a permit if one is free and no attempt waits.</summary>
    public bool TryEnter()
    {
        lock (_gate)
        {
            return _line.Count == 0 && TryTake(Now);
        }
    }

    /// <summary>Takes a permit, or waits in line for one that comes in time.</summary>
    public ValueTask<RateLimitEntry> EnterAsync(TimeSpan maxWait, bool isSynchronous, CancellationToken cancellationToken)
    {
        if (cancellationToken.IsCancellationRequested)
        {
            return new(RateLimitEntry.Cancelled);
        }

        RateLimitWaiter waiter;
        lock (_gate)
        {
            var now = Now;
            Serve(now);
            if (_line.Count == 0 && TryTake(now))
            {
                return new(RateLimitEntry.Entered);
            }

            var latest = now + maxWait.Ticks;
            var readyAt = ReadyAt(now, _line.Count + 1);
            if (readyAt > latest)
            {
                return new(Refusal(now, readyAt));
            }

            waiter = new(latest);
            waiter.Place = _line.AddLast(waiter);
            SetTimer(now);
        }

        return isSynchronous ? new(Wait(waiter, cancellationToken)) : new(WaitAsync(waiter, cancellationToken));
    }

    /// <summary>Pauses all attempts for a time, including those in line, up to the limit of the current settings: the call may have begun under others.</summary>
    public void CoolDown(TimeSpan time)
    {
        lock (_gate)
        {
            var now = Now;
            var until = now + Math.Min(time.Ticks, _maxCoolDown.Ticks);
            if (until > _coolUntil)
            {
                Serve(now); // permits that were free before stay free
                _coolUntil = until;
                LookAgain(now);
            }
        }
    }

    public RateLimitSnapshot Read()
    {
        lock (_gate)
        {
            var now = Now;
            return new()
            {
                Available = _isLimited ? _bucket!.Value.Refill(now).Available : null,
                Waiting = _line.Count,
                CoolDownUntil = now < _coolUntil ? _clock.GetUtcNow() + TimeSpan.FromTicks(_coolUntil - now) : null,
            };
        }
    }

    public static Rejection Reject(RateLimitEntry entry, RateLimitOptions options) =>
        new(RejectedBy.RateLimit, new Reason(entry, options), entry.RetryAfter, Waited: options.MaxWait);

    void ITimerOwner.TimerCame()
    {
        if (_timer!.HasPassed())
        {
            lock (_gate)
            {
                Serve(Now);
            }
        }
    }

    private async Task<RateLimitEntry> WaitAsync(RateLimitWaiter waiter, CancellationToken cancellationToken)
    {
        using var registration = cancellationToken.UnsafeRegister(_ => GiveUp(waiter), null);
        return await waiter.Task.ConfigureAwait(false);
    }

    // It checks its time itself: if no thread of the pool is free, the timer is late.
    private RateLimitEntry Wait(RateLimitWaiter waiter, CancellationToken cancellationToken)
    {
        while (TimeLeft(waiter) is { } left && !cancellationToken.IsCancellationRequested)
        {
            BlockingWait.Until(waiter.Task, left, _clock, cancellationToken);
        }

        GiveUp(waiter); // unless it is already settled
        return waiter.Task.Result;
    }

    private TimeSpan? TimeLeft(RateLimitWaiter waiter)
    {
        lock (_gate)
        {
            var now = Now;
            Serve(now);
            var place = 1;
            for (var before = waiter.Place; before?.Previous is { } previous; before = previous)
            {
                place++;
            }

            // Whole milliseconds; a shorter wait counts as none.
            return waiter.Place is null ? null : TimeSpan.FromMilliseconds(Math.Ceiling(TimeSpan.FromTicks(ReadyAt(now, place) - now).TotalMilliseconds));
        }
    }

    private void GiveUp(RateLimitWaiter waiter)
    {
        lock (_gate)
        {
            if (waiter.Place is not null)
            {
                Settle(waiter, RateLimitEntry.Cancelled);
                SetTimer(Now);
            }
        }
    }

    // Everything below runs under the lock.

    private bool TryTake(long now)
    {
        if (now < _coolUntil)
        {
            return false;
        }

        if (_isLimited)
        {
            _bucket = _bucket!.Value.Refill(now);
            if (_bucket.Value.Take() is not { } rest)
            {
                return false;
            }

            _bucket = rest;
        }

        return true;
    }

    private void Serve(long now)
    {
        while (_line.First is { } first && TryTake(now))
        {
            Settle(first.Value, RateLimitEntry.Entered);
        }

        SetTimer(now);
    }

    private void LookAgain(long now)
    {
        var place = 1;
        for (var node = _line.First; node is not null;)
        {
            var (waiter, readyAt) = (node.Value, ReadyAt(now, place));
            node = node.Next;
            if (readyAt > waiter.Latest)
            {
                Settle(waiter, Refusal(now, readyAt));
            }
            else
            {
                place++;
            }
        }

        Serve(now);
    }

    // When the attempt at this place in line gets its permit. During a cool-down permits come back, up to the burst.
    private long ReadyAt(long now, int place)
    {
        var from = Math.Max(now, _coolUntil);
        return _isLimited ? _bucket!.Value.Refill(from).ReadyAt(place) : from;
    }

    private RateLimitEntry Refusal(long now, long readyAt) =>
        new(now < _coolUntil ? RateLimitAdmission.CoolingDown : RateLimitAdmission.Spent, TimeSpan.FromTicks(readyAt - now));

    private void Settle(RateLimitWaiter waiter, RateLimitEntry how)
    {
        _line.Remove(waiter.Place!);
        waiter.Place = null;
        waiter.SetResult(how);
    }

    private void SetTimer(long now)
    {
        if (_line.Count > 0)
        {
            (_timer ??= new(_clock)).Set(this, _start + _clock.Ticks(TimeSpan.FromTicks(ReadyAt(now, 1))));
        }
        else
        {
            _timer?.Clear();
        }
    }

    private sealed class Reason(RateLimitEntry entry, RateLimitOptions options)
    {
        public override string ToString() => $"has no permit for the call: {Why}. Slow down, degrade gracefully, or allow more in the pipeline's RateLimit block.";

        private string Why => (entry.How, entry.RetryAfter) switch
        {
            (RateLimitAdmission.CoolingDown, { } wait) => $"the dependency asked its callers to wait, and the next permit comes in {Text.Of(wait)}{MayWait}",
            (RateLimitAdmission.Denied, null) => $"its limiter gave none{MayWait}",
            (RateLimitAdmission.Denied, { } wait) => $"its limiter gave none, and says to ask again in {Text.Of(wait)}{MayWait}",
            (_, var wait) => $"{options.Permits} per {Text.Of(options.Per)} are taken, and the next one comes in {Text.Of(wait!.Value)}{MayWait}",
        };

        private string MayWait => $" (MaxWait {Text.Of(options.MaxWait)})";
    }
}
