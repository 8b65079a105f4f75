using Polly;
using Polly.CircuitBreaker;
using Resilience.Polly.Failures;
using Resilience.Polly.Primitives;

namespace Resilience.Polly.CircuitBreakers;

/// <summary>Owns the state of one circuit and swaps it atomically. <see cref="Circuit"/> decides the next state.</summary>
/// <param name="pipelineName">The name of the pipeline.</param>
/// <param name="partition">Its partition, if it has any.</param>
/// <param name="clock">The clock.</param>
/// <param name="open">Limits how many circuits of the pipeline are open at once, if anything does.</param>
internal sealed class CircuitBreaker(string pipelineName, string? partition, TimeProvider clock, OpenCircuits? open = null)
{
    private Circuit _circuit = Circuit.Initial;
    private CircuitSamples? _samples;
    private ICircuitPeers? _peers;

    public bool IsClosed => Current.State == CircuitState.Closed;

    /// <summary>The other instances, if the circuit is shared with them.</summary>
    public ICircuitPeers? Peers { get => Volatile.Read(ref _peers); set => Volatile.Write(ref _peers, value); }

    /// <summary>Whether a call would probe now, if this instance may.</summary>
    public bool IsProbeDue => Current is { State: not CircuitState.Closed } circuit && clock.GetTimestamp() >= circuit.ProbeAt;

    /// <summary>Failures in a row.</summary>
    public int Failures => Current.Failures;

    /// <summary>The whole state.</summary>
    public Circuit Current => Volatile.Read(ref _circuit);

    /// <summary>The circuit at one moment.</summary>
    /// <param name="options">The settings in force.</param>
    /// <param name="shared">The circuit of all instances, if it is shared.</param>
    public CircuitBreakerSnapshot Read(CircuitBreakerOptions options, SharedCircuitSnapshot? shared = null)
    {
        var circuit = Current;
        var now = clock.GetTimestamp();
        var samples = Volatile.Read(ref _samples);
        var sample = samples?.Epoch == circuit.Epoch && circuit.State == CircuitState.Closed ? samples.Read(now) : default;
        return new()
        {
            State = circuit.StateAt(now),
            FailureCount = circuit.Failures,
            FailureThreshold = options.FailureThreshold,
            SampledCalls = sample.Calls,
            SampledFailures = sample.Failures,
            SampledSlowCalls = sample.Slow,
            TimeToProbe = TimeToProbeOf(circuit, now),
            LastTransition = circuit.LastTransition,
            Shared = shared,
        };
    }

    /// <summary>Lets a call in, or rejects it.</summary>
    public CircuitAdmission Admit(CircuitRules rules)
    {
        var circuit = Current;
        if (circuit.State == CircuitState.Closed)
        {
            return new(new CircuitPermit(circuit.Epoch, false)); // the hot path: no clock, no write
        }

        while (true)
        {
            var now = clock.GetTimestamp();
            if (now >= circuit.ProbeAt && Peers is { MayProbe: false } peers && circuit.State != CircuitState.Closed)
            {
                return new(null, RetryAfter: peers.AskAgainAfter, At: now, OpenedBy: OpenedBy(circuit));
            }

            var (next, permit) = circuit.Admit(now, rules);
            if (ReferenceEquals(next, circuit))
            {
                return permit is null ? new(null, RetryAfter: TimeToProbeOf(circuit, now), At: now, OpenedBy: OpenedBy(circuit)) : new(permit);
            }

            var transition = circuit.State == next.State ? null : NoteHalfOpen(circuit, next, rules);
            if (TryMove(circuit, next, transition))
            {
                return new(permit, transition);
            }

            circuit = Current;
        }
    }

    /// <summary>Applies the verdict on a call; returns the transition that follows, if any.</summary>
    /// <param name="permit">The admission of the call.</param>
    /// <param name="verdict">What its outcome says about the dependency.</param>
    /// <param name="outcome">The outcome.</param>
    /// <param name="startedAt">When its last attempt began, for the limit of slow calls; zero if the clock was not read.</param>
    /// <param name="context">The context of the call, for the note if the circuit opens.</param>
    /// <param name="rules">When the circuit opens and closes.</param>
    public CircuitStateChangedEvent? Settle<TResult>(
        CircuitPermit permit, FailureKind verdict, Outcome<TResult> outcome, long startedAt, ResilienceContext context, CircuitRules rules)
    {
        var circuit = Current;
        if (permit.Epoch != circuit.Epoch || (verdict == FailureKind.None && !rules.Samples && circuit is { State: CircuitState.Closed, Failures: 0 }))
        {
            return null; // the hot path again
        }

        var now = clock.GetTimestamp();
        var isSlow = rules.Samples && startedAt != 0 && rules.IsSlow(now - startedAt);
        var told = VerdictOf(verdict, isSlow);
        var sample = rules.Samples && circuit.State == CircuitState.Closed && told != CircuitVerdict.Neither
            ? Count(told, isSlow, circuit.Epoch, now, rules)
            : default;
        while (true)
        {
            var next = circuit.Settle(permit, told, sample, now, rules);
            if (ReferenceEquals(next, circuit))
            {
                return null;
            }

            if (Opens(circuit, next) && open?.TryOpen(partition) == false)
            {
                return null; // stays closed, and asks again with the next failure
            }

            var transition = circuit.State == next.State ? null : NoteSettled(circuit, next, told, outcome, context, sample, rules);
            if (TryMove(circuit, next, transition))
            {
                return transition;
            }

            circuit = Current;
        }
    }

    /// <summary>Rejects all calls, until <see cref="Reset"/> or for a time.</summary>
    public CircuitStateChangedEvent? Isolate(TimeSpan? duration = null)
    {
        var until = duration is { } time ? clock.GetTimestamp() + clock.Ticks(time) : long.MaxValue;
        return MoveByHand(circuit => circuit.Isolate(until), duration is { } shown ? $"isolated by hand for {Text.Of(shown)}" : "isolated by hand", duration);
    }

    /// <summary>Takes over the circuit of all instances.</summary>
    /// <param name="shared">The circuit of all.</param>
    /// <param name="epoch">The epoch of the circuit here that is the same as the shared one.</param>
    /// <param name="transition">The change of state, if there is one.</param>
    /// <returns>False if too many circuits are open for this one to open.</returns>
    public bool TryAdopt(SharedCircuit shared, out long epoch, out CircuitStateChangedEvent? transition)
    {
        while (true)
        {
            var circuit = Current;
            var probeAt = shared.State == CircuitState.Closed ? 0 : shared.BreakLeft is { } left ? clock.GetTimestamp() + clock.Ticks(left) : long.MaxValue;
            var next = circuit.Adopt(shared.State, probeAt, shared.Breaks);
            (epoch, transition) = (next.Epoch, null);
            if (ReferenceEquals(next, circuit))
            {
                return true;
            }

            if (Opens(circuit, next) && open?.TryOpen(partition) == false)
            {
                return false;
            }

            transition = circuit.State == next.State ? null : Note(
                circuit, next, $"instance {shared.ChangedBy}: {shared.Reason}", openFor: next.State is CircuitState.Open or CircuitState.Isolated ? shared.BreakLeft : null, instance: shared.ChangedBy);
            if (TryMove(circuit, next, transition, isAdopted: true))
            {
                return true;
            }
        }
    }

    public CircuitStateChangedEvent? Reset() => MoveByHand(circuit => circuit.Close(), "reset by hand");

    private static CircuitVerdict VerdictOf(FailureKind kind, bool isSlow) => kind switch
    {
        FailureKind.Unrelated or FailureKind.Uncounted => CircuitVerdict.Neither,
        FailureKind.None => isSlow ? CircuitVerdict.Slow : CircuitVerdict.Success,
        _ => CircuitVerdict.Failure,
    };

    private CircuitStateChangedEvent? MoveByHand(Func<Circuit, Circuit> move, string reason, TimeSpan? openFor = null)
    {
        while (true)
        {
            var circuit = Current;
            var next = move(circuit);
            if (ReferenceEquals(next, circuit))
            {
                return null;
            }

            var transition = circuit.State == next.State ? null : Note(circuit, next, reason, isManual: true, openFor: openFor);
            if (TryMove(circuit, next, transition))
            {
                return transition;
            }
        }
    }

    // Each epoch has its own window, so calls of an earlier one do not count. Only a call that may open the circuit reads it.
    private CircuitSample Count(CircuitVerdict verdict, bool isSlow, long epoch, long now, CircuitRules rules)
    {
        var length = rules.Options.SamplingDuration;
        var samples = Volatile.Read(ref _samples);
        while (samples?.Epoch != epoch || samples.Length != length)
        {
            if (samples?.Epoch > epoch)
            {
                return default; // the circuit has changed since, and this result no longer counts
            }

            var fresh = new CircuitSamples(clock, length, epoch);
            samples = Interlocked.CompareExchange(ref _samples, fresh, samples) == samples ? fresh : Volatile.Read(ref _samples);
        }

        samples.Count(verdict == CircuitVerdict.Failure, isSlow, now);
        return verdict == CircuitVerdict.Success ? default : samples.Read(now);
    }

    private TimeSpan? TimeToProbeOf(Circuit circuit, long now)
    {
        if (circuit.State == CircuitState.Closed || circuit.ProbeAt == long.MaxValue)
        {
            return null;
        }

        var left = clock.GetElapsedTime(now, circuit.ProbeAt);
        return left > TimeSpan.Zero ? left : TimeSpan.Zero;
    }

    // A circuit that was moved by hand was opened by no failure.
    private static CircuitStateChangedEvent? OpenedBy(Circuit circuit) => circuit.State == CircuitState.Isolated ? null : circuit.LastTransition;

    // State and note are written together. Otherwise the note of the slower of two callers would stay. One that opens has asked before, and takes that back if it is late.
    private bool TryMove(Circuit from, Circuit to, CircuitStateChangedEvent? transition, bool isAdopted = false)
    {
        var noted = transition is null ? to : to with { LastTransition = transition };
        if (!ReferenceEquals(Interlocked.CompareExchange(ref _circuit, noted, from), from))
        {
            if (Opens(from, to))
            {
                open?.Closed();
            }

            return false;
        }

        if (open is not null && IsOpen(from) && !IsOpen(to))
        {
            open.Closed();
        }
        else if (open is not null && from.State == CircuitState.Isolated && IsOpen(to))
        {
            open.Opened();
        }

        if (!isAdopted && from.Epoch != to.Epoch)
        {
            Peers?.Changed();
        }

        return true;
    }

    private static bool Opens(Circuit from, Circuit to) => from.State == CircuitState.Closed && to.State == CircuitState.Open;

    private static bool IsOpen(Circuit circuit) => circuit.State is CircuitState.Open or CircuitState.HalfOpen;

    private CircuitStateChangedEvent NoteHalfOpen(Circuit from, Circuit to, CircuitRules rules) => Note(
        from,
        to,
        from.State == CircuitState.Isolated
            ? "the isolation is over, one call may probe"
            : $"{Text.Of(rules.DurationAfter(from.Breaks - 1))} are over, one call may probe",
        failure: OpenedBy(from)?.Failure,
        requestId: OpenedBy(from)?.RequestId);

    private CircuitStateChangedEvent NoteSettled<TResult>(
        Circuit from, Circuit to, CircuitVerdict verdict, Outcome<TResult> outcome, ResilienceContext context, in CircuitSample sample, CircuitRules rules) =>
        to.State == CircuitState.Closed
            ? Note(from, to, rules.Probes == 1 ? "the probe succeeded" : $"{rules.Probes} probes in a row succeeded")
            : Note(
                from, to, WhyOpen(from, to, verdict, outcome, sample, rules), failure: outcome.Exception, requestId: CallProperties.RequestIdOf(context),
                openFor: rules.DurationAfter(from.Breaks), threshold: rules.Options.FailureThreshold);

    private CircuitStateChangedEvent Note(
        Circuit from, Circuit to, string reason, bool isManual = false, Exception? failure = null, string? requestId = null, TimeSpan? openFor = null,
        int? threshold = null, string? instance = null) => new()
        {
            PipelineName = pipelineName, Partition = partition, At = clock.GetUtcNow(), From = from.State, To = to.State, Reason = reason, Sequence = to.Epoch, IsManual = isManual,
            FailureCount = to.Failures, FailureThreshold = threshold, Failure = failure, RequestId = requestId, OpenFor = openFor, Instance = instance,
        };

    private static string WhyOpen<TResult>(Circuit from, Circuit to, CircuitVerdict verdict, Outcome<TResult> outcome, in CircuitSample sample, CircuitRules rules)
    {
        var options = rules.Options;
        var last = verdict == CircuitVerdict.Slow ? $"took longer than {Text.Of(options.SlowCallDuration!.Value)}" : FailureText.Of(outcome);
        return from.State == CircuitState.HalfOpen ? $"the probe {(verdict == CircuitVerdict.Slow ? last : $"failed: {last}")}"
            : verdict == CircuitVerdict.Failure && to.Failures >= rules.FailureThreshold
                ? $"{to.Failures} {(to.Failures == 1 ? "failure" : "failures in a row")}, the last: {last}"
            : rules.FailsTooOften(sample) ? $"{sample.Failures} of {sample.Calls} calls within {Text.Of(options.SamplingDuration)} failed, the last: {last}"
            : $"{sample.Slow} of {sample.Calls} calls within {Text.Of(options.SamplingDuration)} took longer than {Text.Of(options.SlowCallDuration!.Value)}";
    }
}
