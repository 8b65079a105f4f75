using Polly.CircuitBreaker;
using Resilience.Polly.Primitives;

namespace Resilience.Polly;

/// <summary>The state that instances share, in the memory of one process: for tests of an application that runs several instances in it.</summary>
/// <param name="clock">The clock of the store; if omitted, that of the system.</param>
public sealed class InMemorySharedState(TimeProvider? clock = null) : ISharedCircuitStore, ISharedBulkheadStore, ISharedInstanceStore, ISharedStateConnection
{
    // A mark of an instance that needs slots lasts until it asks again.
    private static readonly TimeSpan Need = TimeSpan.FromSeconds(1);

    private readonly TimeProvider _clock = clock ?? TimeProvider.System;
    private readonly Lock _gate = new();
    private readonly Dictionary<string, Circuit> _circuits = [];
    private readonly Dictionary<string, Bulkhead> _bulkheads = [];
    private readonly Dictionary<string, long> _instances = [];
    private volatile bool _isAvailable = true;

    /// <inheritdoc/>
    public event Action? Restored;

    private event Action<string, SharedCircuit>? CircuitChanged;

    private event Action<string>? BulkheadChanged;

    /// <inheritdoc/>
    public string Name => "memory";

    /// <summary>Whether the store answers. While it is set to <see langword="false"/>, every method throws, as with a server that is down.</summary>
    /// <value>true or false; the default is <see langword="true"/>.</value>
    public bool IsAvailable
    {
        get => _isAvailable;
        set
        {
            var isRestored = value && !_isAvailable;
            _isAvailable = value;
            if (isRestored)
            {
                Restored?.Invoke();
            }
        }
    }

    /// <summary>Forgets everything, as a server does that restarts empty.</summary>
    public void Clear()
    {
        lock (_gate)
        {
            _circuits.Clear();
            _bulkheads.Clear();
            _instances.Clear();
        }
    }

    /// <inheritdoc/>
    public ValueTask<SharedCircuit> VoteAsync(string circuit, SharedCircuitVote vote, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(vote);
        return Answer(() => Change(circuit, (state, now) =>
        {
            if (state.IsBroken(now))
            {
                return false;
            }

            state.Epoch = Math.Max(state.Epoch, vote.Epoch);
            state.Votes[vote.Instance] = now + _clock.Ticks(vote.Break);
            return state.VotesAt(now).Count() >= vote.Quorum && state.Set(state.Epoch + 1, CircuitState.Open, now + _clock.Ticks(vote.Break), vote.Breaks, vote.Instance, vote.Reason);
        }), cancellationToken);
    }

    /// <inheritdoc/>
    public ValueTask<SharedCircuit> ChangeAsync(string circuit, SharedCircuitChange change, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(change);
        return Answer(() => Change(circuit, (state, now) => (change.IsForced || change.Epoch >= state.Epoch) && Set(state, change, now)), cancellationToken);
    }

    /// <inheritdoc/>
    public ValueTask<SharedCircuit> SyncAsync(string circuit, SharedCircuitChange known, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(known);
        return Answer(() => Change(circuit, (state, now) => state.Epoch < known.Epoch && Set(state, known, now)), cancellationToken);
    }

    /// <inheritdoc/>
    public ValueTask<SharedCircuit> TakeProbeAsync(string circuit, string owner, long epoch, TimeSpan lease, CancellationToken cancellationToken = default) =>
        Answer(() =>
        {
            lock (_gate)
            {
                var (state, now) = (CircuitOf(circuit), _clock.GetTimestamp());
                if (state.Epoch == epoch && state.State != CircuitState.Closed && state.Until <= now && (state.ProbeUntil <= now || state.Prober == owner))
                {
                    (state.Prober, state.ProbeUntil) = (owner, now + _clock.Ticks(lease));
                    return state.Read(now, _clock) with { HasProbe = true };
                }

                return state.Read(now, _clock);
            }
        }, cancellationToken);

    /// <inheritdoc/>
    public async ValueTask ReleaseProbeAsync(string circuit, string owner, CancellationToken cancellationToken = default) =>
        await Answer(() =>
        {
            lock (_gate)
            {
                var state = CircuitOf(circuit);
                if (state.Prober == owner)
                {
                    (state.Prober, state.ProbeUntil) = (null, 0);
                }

                return true;
            }
        }, cancellationToken).ConfigureAwait(false);

    /// <inheritdoc/>
    public IDisposable Subscribe(Action<string, SharedCircuit> changed)
    {
        ArgumentNullException.ThrowIfNull(changed);
        CircuitChanged += changed;
        return new Subscription(() => CircuitChanged -= changed);
    }

    /// <inheritdoc/>
    public ValueTask<SharedSlots> HoldAsync(string bulkhead, SharedSlotsRequest request, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(request);
        return Answer(() =>
        {
            (SharedSlots Slots, bool IsNews) answer;
            lock (_gate)
            {
                if (!_bulkheads.TryGetValue(bulkhead, out var state))
                {
                    _bulkheads[bulkhead] = state = new();
                }

                answer = state.Hold(request, _clock.GetTimestamp(), _clock.Ticks(request.Lease), _clock.Ticks(Need));
            }

            if (answer.IsNews)
            {
                BulkheadChanged?.Invoke(bulkhead);
            }

            return answer.Slots;
        }, cancellationToken);
    }

    /// <inheritdoc/>
    public IDisposable Subscribe(Action<string> changed)
    {
        ArgumentNullException.ThrowIfNull(changed);
        BulkheadChanged += changed;
        return new Subscription(() => BulkheadChanged -= changed);
    }

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<string>> BeatAsync(string instance, TimeSpan lifetime, CancellationToken cancellationToken = default) =>
        Answer(() =>
        {
            lock (_gate)
            {
                var now = _clock.GetTimestamp();
                _instances[instance] = now + _clock.Ticks(lifetime);
                return (IReadOnlyList<string>)[.. _instances.Where(one => one.Value > now).Select(one => one.Key).Order(StringComparer.Ordinal)];
            }
        }, cancellationToken);

    /// <inheritdoc/>
    public async ValueTask LeaveAsync(string instance, CancellationToken cancellationToken = default) =>
        await Answer(() =>
        {
            lock (_gate)
            {
                return _instances.Remove(instance);
            }
        }, cancellationToken).ConfigureAwait(false);

    private ValueTask<T> Answer<T>(Func<T> answer, CancellationToken cancellationToken) =>
        cancellationToken.IsCancellationRequested ? ValueTask.FromCanceled<T>(cancellationToken)
        : _isAvailable ? new(answer())
        : ValueTask.FromException<T>(new SharedStateUnavailableException("The shared state in memory is set to be unavailable."));

    private bool Set(Circuit state, SharedCircuitChange change, long now) => state.Set(
        Math.Max(state.Epoch, change.Epoch) + 1,
        change.State, change.Break is { } time ? now + _clock.Ticks(time) : change.State == CircuitState.Closed ? 0 : long.MaxValue, change.Breaks, change.Instance, change.Reason);

    // News leave under the lock, in the order of the epochs. Listeners do not block.
    private SharedCircuit Change(string name, Func<Circuit, long, bool> change)
    {
        lock (_gate)
        {
            var (state, now) = (CircuitOf(name), _clock.GetTimestamp());
            var isChanged = change(state, now);
            var read = state.Read(now, _clock);
            if (isChanged)
            {
                CircuitChanged?.Invoke(name, read);
            }

            return read;
        }
    }

    private Circuit CircuitOf(string name)
    {
        if (!_circuits.TryGetValue(name, out var state))
        {
            _circuits[name] = state = new();
        }

        return state;
    }

    private sealed class Circuit
    {
        private string? _changedBy;
        private string? _reason;
        private int _breaks;

        public long Epoch { get; set; }

        public CircuitState State { get; private set; } = CircuitState.Closed;

        /// <summary>When the break is over; <see cref="long.MaxValue"/> without end.</summary>
        public long Until { get; private set; }

        public Dictionary<string, long> Votes { get; } = [];

        public string? Prober { get; set; }

        public long ProbeUntil { get; set; }

        public bool IsBroken(long now) => State != CircuitState.Closed && now < Until;

        public IEnumerable<string> VotesAt(long now) => Votes.Where(vote => vote.Value > now).Select(vote => vote.Key);

        /// <returns>True, for a change.</returns>
        public bool Set(long epoch, CircuitState state, long until, int breaks, string instance, string reason)
        {
            (Epoch, State, Until, _breaks, _changedBy, _reason) = (epoch, state, until, breaks, instance, reason);
            (Prober, ProbeUntil) = (null, 0);
            Votes.Clear();
            return true;
        }

        public SharedCircuit Read(long now, TimeProvider clock) => new()
        {
            Epoch = Epoch,
            State = State,
            BreakLeft = State == CircuitState.Closed || Until == long.MaxValue ? null : clock.GetElapsedTime(now, Math.Max(now, Until)),
            Breaks = _breaks,
            ChangedBy = _changedBy,
            Reason = _reason,
            Votes = [.. VotesAt(now).Order(StringComparer.Ordinal)],
        };
    }

    private sealed class Bulkhead
    {
        private readonly Dictionary<string, Holder> _holders = [];

        /// <returns>The answer, and whether others have to hear of it.</returns>
        public (SharedSlots Slots, bool IsNews) Hold(SharedSlotsRequest request, long now, long lease, long need)
        {
            foreach (var (instance, _) in _holders.Where(one => one.Value.Until <= now).ToArray())
            {
                _holders.Remove(instance);
            }

            var holder = _holders.GetValueOrDefault(request.Instance);
            if (holder.Sequence > request.Sequence)
            {
                return (Read(request.Instance, now), false); // an older request that comes late
            }

            var free = request.Limit - _holders.Sum(one => one.Key == request.Instance ? 0 : one.Value.Held);
            var held = Math.Min(request.Wanted, Math.Max(holder.Held, free));
            var wasShort = holder.ShortUntil > now;
            var isShort = request.Needed > held;
            _holders[request.Instance] = new(held, request.Sequence, now + lease, isShort ? now + need : 0);
            var answer = Read(request.Instance, now);
            return (answer, (isShort && !wasShort) || (held < holder.Held && answer.AreScarce));
        }

        private SharedSlots Read(string instance, long now) => new()
        {
            Held = _holders.GetValueOrDefault(instance).Held,
            AreScarce = _holders.Any(one => one.Key != instance && one.Value.ShortUntil > now),
            ByInstance = _holders.Where(one => one.Value.Held > 0).ToDictionary(one => one.Key, one => one.Value.Held),
        };

        private readonly record struct Holder(int Held, long Sequence, long Until, long ShortUntil);
    }

    private sealed class Subscription(Action end) : IDisposable
    {
        public void Dispose() => end();
    }
}
