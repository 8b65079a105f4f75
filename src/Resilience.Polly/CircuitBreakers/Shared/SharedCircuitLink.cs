using Polly.CircuitBreaker;
using Resilience.Polly.Events;
using Resilience.Polly.Primitives;
using Resilience.Polly.SharedState;

namespace Resilience.Polly.CircuitBreakers.Shared;

/// <summary>Keeps the circuit of one pipeline or partition here and that of all instances in agreement.</summary>
/// <remarks>
/// Calls are decided by the circuit here. One worker at a time compares it with what is known of the shared one and tells the difference, so a call never waits for the store.
/// The one exception is the first call after a break: it asks for the lease of the only probe.
/// </remarks>
internal sealed class SharedCircuitLink(string name, CircuitBreaker breaker, PipelineEvents events, ISharedCircuitStore store, ThisInstance instance) : RoundWorker, ICircuitPeers
{
    private static readonly TimeSpan AskAgain = TimeSpan.FromMilliseconds(100);

    private readonly Lock _gate = new();
    private SharedCircuit _known = new() { State = CircuitState.Closed };
    private long _knownUntil; // when the break of the known circuit is over
    private long _toldEpoch; // the epoch of the circuit here that the others know
    private string? _probe; // the owner of the lease for the probe, while this instance has or may have it
    private long _probeUntil;
    private long _askAgainAt;
    private int _isAsking;
    private volatile bool _isAlone; // the store did not answer last
    private volatile bool _wantsSync;

    public string Name => name;

    /// <summary>How long a probe may take.</summary>
    public required TimeSpan ProbeLapsesAfter { get; set; }

    public TimeSpan AskAgainAfter => AskAgain;

    /// <summary>What is known of the circuit of all instances.</summary>
    public SharedCircuit Known => Volatile.Read(ref _known);

    /// <summary>Whether this instance decides alone now, since the store does not answer.</summary>
    public bool IsAlone => _isAlone || !instance.IsConnected;

    /// <summary>The same at this moment, for people.</summary>
    public SharedCircuitSnapshot Read()
    {
        var known = Known;
        return new() { State = known.State, Epoch = known.Epoch, ChangedBy = known.ChangedBy, Reason = known.Reason, Votes = known.Votes, IsAlone = IsAlone };
    }

    public bool MayProbe => Known.State == CircuitState.Closed || IsAlone || (Volatile.Read(ref _probe) is not null && instance.Clock.GetTimestamp() < Volatile.Read(ref _probeUntil));

    /// <summary>Whether a call that comes after the break has to ask for the lease of the probe. The others are rejected meanwhile.</summary>
    public bool MustAsk => breaker.IsProbeDue && !MayProbe && instance.Clock.GetTimestamp() >= Volatile.Read(ref _askAgainAt);

    /// <summary>Asks for the lease of the only probe of all instances. It never throws, and takes no longer than the store lets a command take.</summary>
    public async Task AskAsync()
    {
        if (Interlocked.Exchange(ref _isAsking, 1) == 1)
        {
            return;
        }

        try
        {
            var (owner, startedAt, lease) = (Guid.NewGuid().ToString("N"), instance.Clock.GetTimestamp(), ProbeLapsesAfter);
            Volatile.Write(ref _probe, owner);
            Volatile.Write(ref _probeUntil, 0);
            var answer = await store.TakeProbeAsync(name, owner, Known.Epoch, lease).ConfigureAwait(false);
            _isAlone = false;
            Volatile.Write(ref _askAgainAt, instance.Clock.GetTimestamp() + instance.Clock.Ticks(AskAgain));
            if (answer.HasProbe)
            {
                Volatile.Write(ref _probeUntil, startedAt + instance.Clock.Ticks(lease));
            }
            else
            {
                Volatile.Write(ref _probe, null);
                Take(answer);
            }
        }
        catch (Exception exception) // a call must not fail because the store does
        {
            NoteFailure(exception); // the lease may still be given: the worker ends it when the store answers again
        }
        finally
        {
            Volatile.Write(ref _isAsking, 0);
        }
    }

    public void Changed() => _ = NextRoundAsync();

    /// <summary>Compares with the store, and takes over what is newer there.</summary>
    public void Sync()
    {
        _wantsSync = true;
        Changed();
    }

    /// <summary>Takes over news of the circuit of all instances, if they are news.</summary>
    public void Take(SharedCircuit news)
    {
        CircuitStateChangedEvent? transition;
        lock (_gate)
        {
            if (news.Epoch <= _known.Epoch)
            {
                if (news.Epoch == _known.Epoch)
                {
                    Volatile.Write(ref _known, news with { HasProbe = false });
                }
                else
                {
                    Sync(); // the store has lost its data
                }

                return;
            }

            var local = breaker.Current;
            var isTold = local.Epoch == _toldEpoch;
            var step = SharedCircuitSteps.Next(local, _known, isTold);
            if (step == SharedCircuitStep.Force)
            {
                return; // the worker tells this first, and it holds in any epoch
            }

            // What happened here since is newer than the answer to this instance. And a circuit that has just opened here says nothing about an earlier break of all.
            if ((news.ChangedBy == instance.Name && !isTold) || (step == SharedCircuitStep.Vote && news.State == CircuitState.Closed))
            {
                (transition, _toldEpoch) = (null, local.State == news.State ? local.Epoch : _toldEpoch);
            }
            else if (breaker.TryAdopt(news, out var adopted, out transition))
            {
                _toldEpoch = adopted;
            }
            else
            {
                return; // too many circuits are open here; the next comparison tries again
            }

            Volatile.Write(ref _known, news with { HasProbe = false });
            _knownUntil = instance.Clock.GetTimestamp() + instance.Clock.Ticks(news.BreakLeft ?? TimeSpan.Zero);
            Volatile.Write(ref _probe, null);
            Volatile.Write(ref _askAgainAt, 0);
        }

        events.SharedCircuitChanged(news);
        events.CircuitMoved(transition);
    }

    protected override async Task RoundAsync()
    {
        try
        {
            await TellAsync().ConfigureAwait(false);
        }
        catch (Exception exception) // the next comparison with the store sends it again
        {
            NoteFailure(exception);
        }
    }

    private async Task TellAsync()
    {
        if (!instance.IsConnected)
        {
            return;
        }

        await EndProbeAsync().ConfigureAwait(false);
        if (_wantsSync)
        {
            _wantsSync = false;
            Take(await store.SyncAsync(name, KnownNow()).ConfigureAwait(false));
            NoteLostVote();
        }

        Circuit local;
        SharedCircuit known;
        SharedCircuitStep step;
        lock (_gate)
        {
            (local, known) = (breaker.Current, _known);
            step = SharedCircuitSteps.Next(local, known, local.Epoch == _toldEpoch);
        }

        if (step == SharedCircuitStep.None)
        {
            _isAlone = false;
            return;
        }

        var answer = step == SharedCircuitStep.Vote
            ? await store.VoteAsync(name, VoteOf(local, known)).ConfigureAwait(false)
            : await store.ChangeAsync(name, ChangeOf(local, known, step == SharedCircuitStep.Force)).ConfigureAwait(false);
        lock (_gate)
        {
            _toldEpoch = Math.Max(_toldEpoch, local.Epoch);
        }

        _isAlone = false;
        Take(answer);
    }

    // A lease whose answer was lost, or whose probe ended without a verdict, is for the others.
    private async Task EndProbeAsync()
    {
        if (Volatile.Read(ref _probe) is not { } owner || Volatile.Read(ref _isAsking) == 1)
        {
            return;
        }

        var (local, until) = (breaker.Current, Volatile.Read(ref _probeUntil));
        var isGivenBack = local is { State: CircuitState.HalfOpen, Probed: 0 } && local.ProbeAt <= instance.Clock.GetTimestamp();
        if (until == 0 || isGivenBack)
        {
            await store.ReleaseProbeAsync(name, owner).ConfigureAwait(false);
            Interlocked.CompareExchange(ref _probe, null, owner);
        }
    }

    // After a loss of data the store knows no votes.
    private void NoteLostVote()
    {
        lock (_gate)
        {
            var local = breaker.Current;
            if (local.State == CircuitState.Open && _known.State == CircuitState.Closed && !_known.Votes.Contains(instance.Name) && local.StateAt(instance.Clock.GetTimestamp()) == CircuitState.Open)
            {
                _toldEpoch = -1;
            }
        }
    }

    private SharedCircuitVote VoteOf(Circuit local, SharedCircuit known) => new()
    {
        Instance = instance.Name, Epoch = known.Epoch, Quorum = instance.Quorum, Break = LeftOf(local) ?? TimeSpan.Zero, Breaks = local.Breaks, Reason = ReasonOf(local),
    };

    private SharedCircuitChange ChangeOf(Circuit local, SharedCircuit known, bool isForced) => new()
    {
        Instance = instance.Name, Epoch = known.Epoch, IsForced = isForced, State = local.State, Break = LeftOf(local), Breaks = local.Breaks, Reason = ReasonOf(local),
    };

    private SharedCircuitChange KnownNow()
    {
        lock (_gate)
        {
            var now = instance.Clock.GetTimestamp();
            return new()
            {
                Instance = _known.ChangedBy ?? instance.Name, Epoch = _known.Epoch, State = _known.State,
                Break = _known.BreakLeft is null ? null : instance.Clock.GetElapsedTime(now, Math.Max(now, _knownUntil)), Breaks = _known.Breaks, Reason = _known.Reason ?? "",
            };
        }
    }

    private TimeSpan? LeftOf(Circuit local)
    {
        var now = instance.Clock.GetTimestamp();
        return local.State == CircuitState.Closed || local.ProbeAt == long.MaxValue ? null : instance.Clock.GetElapsedTime(now, Math.Max(now, local.ProbeAt));
    }

    private static string ReasonOf(Circuit local) => local.LastTransition?.Reason ?? "";

    private void NoteFailure(Exception exception)
    {
        _isAlone = true;
        if (exception is not SharedStateUnavailableException)
        {
            events.SharedStateFailed(exception);
        }
    }
}
