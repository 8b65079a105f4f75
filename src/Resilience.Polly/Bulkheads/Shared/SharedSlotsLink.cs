using Resilience.Polly.Events;
using Resilience.Polly.Primitives;
using Resilience.Polly.SharedState;

namespace Resilience.Polly.Bulkheads.Shared;

/// <summary>Holds a part of the slots of all instances for the bulkhead of one pipeline or partition, as its limit.</summary>
/// <remarks>
/// Calls take slots from the bulkhead here and never wait for the store while one is free. A call that finds none asks for more first. Rounds with the store run one after another;
/// each says how many slots this instance wants, and gets how many it holds. The limit here falls before the store hears of it, and rises after it.
/// </remarks>
internal sealed class SharedSlotsLink : RoundWorker, IDisposable
{
    // How soon to ask again while calls wait. Nobody tells when the lease of an instance that was killed is over.
    private static readonly TimeSpan AskAgain = TimeSpan.FromMilliseconds(100);

    private readonly Bulkhead _bulkhead;
    private readonly PipelineEvents _events;
    private readonly ISharedBulkheadStore _store;
    private readonly ThisInstance _instance;
    private readonly ITimer _again;
    private int _maxConcurrency;
    private int _askers;
    private long _sequence;
    private SharedSlots _last = new() { Held = 0, AreScarce = false, ByInstance = new Dictionary<string, int>() };
    private long _lastAt;
    private volatile bool _isShort; // after the last round calls need more than they got
    private volatile bool _isScarce; // others need slots
    private volatile bool _isAlone;
    private volatile bool _isEnded;

    public SharedSlotsLink(string name, Bulkhead bulkhead, int maxConcurrency, PipelineEvents events, ISharedBulkheadStore store, ThisInstance instance)
    {
        (Name, _bulkhead, _maxConcurrency, _events, _store, _instance) = (name, bulkhead, maxConcurrency, events, store, instance);
        _sequence = instance.Clock.GetUtcNow().ToUnixTimeMilliseconds(); // above those of an earlier process of the same name
        using (ExecutionContext.SuppressFlow())
        {
            _again = instance.Clock.CreateTimer(static link => ((SharedSlotsLink)link!).Renew(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        }
    }

    public string Name { get; }

    /// <summary>How many slots all instances have together.</summary>
    public int MaxConcurrency
    {
        get => Volatile.Read(ref _maxConcurrency);
        set
        {
            Volatile.Write(ref _maxConcurrency, value);
            Renew();
        }
    }

    /// <summary>The slots of all instances, for people.</summary>
    public SharedBulkheadSnapshot Read() => new() { MaxConcurrency = MaxConcurrency, ByInstance = Volatile.Read(ref _last).ByInstance, IsAlone = _isAlone };

    /// <summary>Asks for more slots, for a call that found none. It never throws, and takes no longer than the store lets two commands take.</summary>
    public async Task AskAsync()
    {
        if (_isShort && _instance.Clock.GetElapsedTime(Volatile.Read(ref _lastAt)) < AskAgain)
        {
            return; // there are none, and the next round comes soon
        }

        Interlocked.Increment(ref _askers);
        try
        {
            await NextRoundAsync().ConfigureAwait(false);
        }
        finally
        {
            Interlocked.Decrement(ref _askers);
        }
    }

    /// <summary>Renews the lease, and gives back what is not needed.</summary>
    public void Renew() => _ = NextRoundAsync();

    /// <summary>Hears that an instance needs slots, or that some are free.</summary>
    public void Hear()
    {
        _isScarce |= !_isShort;
        Renew();
    }

    /// <summary>Gives all slots back that no call has. The leases of the others end by themselves. The limit here stays: it is no longer the link's.</summary>
    public Task LeaveAsync()
    {
        Dispose();
        return NextRoundAsync();
    }

    public void Dispose()
    {
        _isEnded = true;
        _again.Dispose();
    }

    protected override async Task RoundAsync()
    {
        try
        {
            if (_instance.IsConnected)
            {
                await HoldAsync().ConfigureAwait(false);
                return;
            }
        }
        catch (Exception exception) // a call must not fail because the store does
        {
            if (exception is not SharedStateUnavailableException)
            {
                _events.SharedStateFailed(exception);
            }
        }

        _isAlone = true;
        Volatile.Write(ref _lastAt, _instance.Clock.GetTimestamp());
        if (!_isEnded)
        {
            _bulkhead.SetLimit(SharedSlotCounts.Alone(MaxConcurrency, _instance.Instances));
            _bulkhead.Room = -1;
        }
    }

    private async Task HoldAsync()
    {
        var limit = MaxConcurrency;
        var needed = Math.Min(limit, _bulkhead.InUse + _bulkhead.Waiting + Volatile.Read(ref _askers));
        var target = _isEnded ? _bulkhead.InUse : SharedSlotCounts.Wanted(needed, limit, _isScarce, _last, _instance.Instances);
        if (!_isEnded && target < _bulkhead.Slots)
        {
            _bulkhead.SetLimit(target); // first, so that no call takes a slot that is given back
        }

        _isScarce = false;
        var answer = await _store.HoldAsync(Name, new()
        {
            Instance = _instance.Name, Sequence = ++_sequence, Wanted = Math.Max(target, _bulkhead.InUse), Needed = needed, Limit = limit, Lease = _instance.SlotLease,
        }).ConfigureAwait(false);
        if (!_isEnded)
        {
            _bulkhead.SetLimit(Math.Min(target, answer.Held));
            _bulkhead.Room = Math.Max(answer.Held, limit - answer.ByInstance.Where(one => one.Key != _instance.Name).Sum(one => one.Value));
        }

        Volatile.Write(ref _last, answer);
        Volatile.Write(ref _lastAt, _instance.Clock.GetTimestamp());
        (_isAlone, _isShort) = (false, needed > answer.Held);
        _isScarce |= answer.AreScarce;

        // Slots that calls still have are given back soon after they leave, if others need them.
        if (!_isEnded && (_isShort || answer.AreScarce || answer.Held > target))
        {
            _again.Change(AskAgain, Timeout.InfiniteTimeSpan);
        }
    }
}
