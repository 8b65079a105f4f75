using Polly;
using Polly.CircuitBreaker;

namespace Resilience.Polly;

/// <summary>Owns the state of one circuit and swaps it atomically; what follows from what is decided by <see cref="Circuit"/>.</summary>
internal sealed class CircuitBreaker(string pipelineName, TimeProvider clock)
{
    private Circuit _circuit = Circuit.Initial;
    private CircuitTransition? _lastTransition;

    public CircuitTransition? LastTransition => Volatile.Read(ref _lastTransition);

    public int Failures => Current.Failures;

    public CircuitState State => Current.StateAt(clock.GetTimestamp());

    public bool IsClosed => Current.State == CircuitState.Closed;

    private Circuit Current => Volatile.Read(ref _circuit);

    /// <summary>When the next call may probe; <see langword="null"/> while the circuit is closed or isolated.</summary>
    public TimeSpan? TimeToProbe => TimeToProbeOf(Current, clock.GetTimestamp());

    /// <summary>Lets a call in, or not.</summary>
    public CircuitAdmission Admit(CircuitBreakerOptions options)
    {
        var circuit = Current;
        if (circuit.State == CircuitState.Closed)
        {
            return new(new CircuitPermit(circuit.Epoch, false)); // the hot path: no clock, no write
        }

        while (true)
        {
            var now = clock.GetTimestamp();
            var (next, permit) = circuit.Admit(now, Ticks(options.RecoveryTimeout));
            if (ReferenceEquals(next, circuit))
            {
                return permit is null ? new(null, RetryAfter: TimeToProbeOf(circuit, now)) : new(permit);
            }

            if (TryMove(circuit, next))
            {
                return new(permit, circuit.State == next.State ? null : Note(circuit, next, $"{Text.Of(options.RecoveryTimeout)} are over, one call may probe"));
            }

            circuit = Current;
        }
    }

    /// <summary>Takes the verdict on a call; returns the transition that follows from it.</summary>
    public CircuitTransition? Settle<TResult>(CircuitPermit permit, FailureKind verdict, Outcome<TResult> outcome, CircuitBreakerOptions options)
    {
        while (true)
        {
            var circuit = Current;
            if (permit.Epoch != circuit.Epoch || (verdict == FailureKind.None && circuit is { State: CircuitState.Closed, Failures: 0 }))
            {
                return null; // the hot path again
            }

            var next = circuit.Settle(permit, verdict, clock.GetTimestamp(), options.FailureThreshold, Ticks(options.RecoveryTimeout));
            if (ReferenceEquals(next, circuit))
            {
                return null;
            }

            if (TryMove(circuit, next))
            {
                return circuit.State == next.State ? null : Note(circuit, next, Reason(circuit, next, outcome));
            }
        }
    }

    public CircuitTransition? Isolate() => MoveByHand(circuit => circuit.Isolate(), "isolated by hand");

    public CircuitTransition? Reset() => MoveByHand(circuit => circuit.Close(), "reset by hand");

    private CircuitTransition? MoveByHand(Func<Circuit, Circuit> move, string reason)
    {
        while (true)
        {
            var circuit = Current;
            var next = move(circuit);
            if (ReferenceEquals(next, circuit))
            {
                return null;
            }

            if (TryMove(circuit, next))
            {
                return circuit.State == next.State ? null : Note(circuit, next, reason, isManual: true);
            }
        }
    }

    private TimeSpan? TimeToProbeOf(Circuit circuit, long now)
    {
        if (circuit.State is CircuitState.Closed or CircuitState.Isolated)
        {
            return null;
        }

        var left = clock.GetElapsedTime(now, circuit.ProbeAt);
        return left > TimeSpan.Zero ? left : TimeSpan.Zero;
    }

    private bool TryMove(Circuit from, Circuit to) => ReferenceEquals(Interlocked.CompareExchange(ref _circuit, to, from), from);

    private CircuitTransition Note(Circuit from, Circuit to, string reason, bool isManual = false)
    {
        var transition = new CircuitTransition(pipelineName, from.State, to.State, reason, clock.GetUtcNow(), isManual);
        Volatile.Write(ref _lastTransition, transition);
        return transition;
    }

    private static string Reason<TResult>(Circuit from, Circuit to, Outcome<TResult> outcome) => (from.State, to.State) switch
    {
        (CircuitState.HalfOpen, CircuitState.Closed) => "the probe succeeded",
        (CircuitState.HalfOpen, _) => $"the probe failed: {Text.Of(outcome)}",
        _ => $"{to.Failures} {(to.Failures == 1 ? "failure" : "failures in a row")}, the last: {Text.Of(outcome)}",
    };

    // By way of seconds, which no binary fraction holds exactly, some durations would come out a tick short.
    private long Ticks(TimeSpan duration) => (long)Math.Ceiling(duration.Ticks * ((double)clock.TimestampFrequency / TimeSpan.TicksPerSecond));
}
