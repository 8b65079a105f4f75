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
        return ChangeAsync(circuit, (state, now) =>
        {
            if (state.IsBroken(now))
            {
                return false;
            }

            state.Epoch = Math.Max(state.Epoch, vote.Epoch);
            state.Votes[vote.Instance] = now + _clock.Ticks(vote.Break);
            return state.VotesAt(now).Count() >= vote.Quorum && state.Set(state.Epoch + 1, CircuitState.Open, now + _clock.Ticks(vote.Break), vote.Breaks, vote.Instance, vote.Reason);
        }, cancellationToken);
    }

    /// <inheritdoc/>
    public ValueTask<SharedCircuit> ChangeAsync(string circuit, SharedCircuitChange change, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(change);
        return ChangeAsync(circuit, (state, now) => (change.IsForced || change.Epoch >= state.Epoch) && Set(state, change, now), cancellationToken);
    }

    /// <inheritdoc/>
    public ValueTask<SharedCircuit> SyncAsync(string circuit, SharedCircuitChange known, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(known);
        return ChangeAsync(circuit, (state, now) => state.Epoch < known.Epoch && Set(state, known, now), cancellationToken);
    }

    /// <inheritdoc/>
    public ValueTask<SharedCircuit> TakeProbeAsync(string circuit, string owner, long epoch, TimeSpan lease, CancellationToken cancellationToken = default) =>
        AnswerAsync(now =>
        {
            var state = StateOf(_circuits, circuit);
            var isTaken = state.Epoch == epoch && state.State != CircuitState.Closed && state.Until <= now && (state.ProbeUntil <= now || state.Prober == owner);
            if (isTaken)
            {
                (state.Prober, state.ProbeUntil) = (owner, now + _clock.Ticks(lease));
            }

            return state.Read(now, _clock) with { HasProbe = isTaken };
        }, cancellationToken);

    /// <inheritdoc/>
    public async ValueTask ReleaseProbeAsync(string circuit, string owner, CancellationToken cancellationToken = default) =>
        await AnswerAsync(_ => StateOf(_circuits, circuit).EndProbe(owner), cancellationToken).ConfigureAwait(false);

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
        return AnswerAsync(now =>
        {
            var (slots, isNews) = StateOf(_bulkheads, bulkhead).Hold(request, now, _clock.Ticks(request.Lease), _clock.Ticks(Need));
            if (isNews)
            {
                BulkheadChanged?.Invoke(bulkhead);
            }

            return slots;
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
        AnswerAsync<IReadOnlyList<string>>(now =>
        {
            _instances[instance] = now + _clock.Ticks(lifetime);
            return [.. _instances.Where(one => one.Value > now).Select(one => one.Key).Order(StringComparer.Ordinal)];
        }, cancellationToken);

    /// <inheritdoc/>
    public async ValueTask LeaveAsync(string instance, CancellationToken cancellationToken = default) =>
        await AnswerAsync(_ => _instances.Remove(instance), cancellationToken).ConfigureAwait(false);

    private static TState StateOf<TState>(Dictionary<string, TState> all, string name)
        where TState : new() => all.TryGetValue(name, out var state) ? state : all[name] = new();

    // News leave under the lock too, so circuits have theirs in the order of the epochs. Listeners do not block.
    private ValueTask<T> AnswerAsync<T>(Func<long, T> answer, CancellationToken cancellationToken)
    {
        if (cancellationToken.IsCancellationRequested)
        {
            return ValueTask.FromCanceled<T>(cancellationToken);
        }

        if (!_isAvailable)
        {
            return ValueTask.FromException<T>(new SharedStateUnavailableException("The shared state in memory is set to be unavailable."));
        }

        lock (_gate)
        {
            return new(answer(_clock.GetTimestamp()));
        }
    }

    private ValueTask<SharedCircuit> ChangeAsync(string circuit, Func<Circuit, long, bool> change, CancellationToken cancellationToken) =>
        AnswerAsync(now =>
        {
            var state = StateOf(_circuits, circuit);
            var isChanged = change(state, now);
            var read = state.Read(now, _clock);
            if (isChanged)
            {
                CircuitChanged?.Invoke(circuit, read);
            }

            return read;
        }, cancellationToken);

    private bool Set(Circuit state, SharedCircuitChange change, long now) => state.Set(
        Math.Max(state.Epoch, change.Epoch) + 1,
        change.State, change.Break is { } time ? now + _clock.Ticks(time) : change.State == CircuitState.Closed ? 0 : long.MaxValue, change.Breaks, change.Instance, change.Reason);

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

        /// <returns>Whether the owner had the probe.</returns>
        public bool EndProbe(string owner)
        {
            var isEnded = Prober == owner;
            if (isEnded)
            {
                (Prober, ProbeUntil) = (null, 0);
            }

            return isEnded;
        }

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
}
