using Polly;
using Polly.CircuitBreaker;
using Resilience.Polly.Failures;
using Resilience.Polly.Primitives;

namespace Resilience.Polly.CircuitBreakers;

/// <summary>Owns the state of one circuit and swaps it atomically; what follows from what is decided by <see cref="Circuit"/>.</summary>
internal sealed class CircuitBreaker(string pipelineName, TimeProvider clock)
{
    private Circuit _circuit = Circuit.Initial;

    public bool IsClosed => Current.State == CircuitState.Closed;

    /// <summary>Failures in a row.</summary>
    public int Failures => Current.Failures;

    private Circuit Current => Volatile.Read(ref _circuit);

    /// <summary>The circuit at one moment.</summary>
    public CircuitBreakerSnapshot Read(CircuitBreakerOptions options)
    {
        var circuit = Current;
        var now = clock.GetTimestamp();
        return new()
        {
            State = circuit.StateAt(now),
            FailureCount = circuit.Failures,
            FailureThreshold = options.FailureThreshold,
            TimeToProbe = TimeToProbeOf(circuit, now),
            LastTransition = circuit.LastTransition,
        };
    }

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
            var (next, permit) = circuit.Admit(now, clock.Ticks(options.RecoveryTimeout));
            if (ReferenceEquals(next, circuit))
            {
                return permit is null ? new(null, RetryAfter: TimeToProbeOf(circuit, now), At: now) : new(permit);
            }

            var transition = circuit.State == next.State
                ? null
                : Note(circuit, next, $"{Text.Of(options.RecoveryTimeout)} are over, one call may probe");
            if (TryMove(circuit, next, transition))
            {
                return new(permit, transition);
            }

            circuit = Current;
        }
    }

    /// <summary>Takes the verdict on a call; returns the transition that follows from it.</summary>
    public CircuitStateChangedEvent? Settle<TResult>(CircuitPermit permit, FailureKind verdict, Outcome<TResult> outcome, CircuitBreakerOptions options)
    {
        while (true)
        {
            var circuit = Current;
            if (permit.Epoch != circuit.Epoch || (verdict == FailureKind.None && circuit is { State: CircuitState.Closed, Failures: 0 }))
            {
                return null; // the hot path again
            }

            var next = circuit.Settle(permit, verdict, clock.GetTimestamp(), options.FailureThreshold, clock.Ticks(options.RecoveryTimeout));
            if (ReferenceEquals(next, circuit))
            {
                return null;
            }

            var transition = circuit.State == next.State ? null : Note(circuit, next, Reason(circuit, next, outcome));
            if (TryMove(circuit, next, transition))
            {
                return transition;
            }
        }
    }

    public CircuitStateChangedEvent? Isolate() => MoveByHand(circuit => circuit.Isolate(), "isolated by hand");

    public CircuitStateChangedEvent? Reset() => MoveByHand(circuit => circuit.Close(), "reset by hand");

    private CircuitStateChangedEvent? MoveByHand(Func<Circuit, Circuit> move, string reason)
    {
        while (true)
        {
            var circuit = Current;
            var next = move(circuit);
            if (ReferenceEquals(next, circuit))
            {
                return null;
            }

            var transition = circuit.State == next.State ? null : Note(circuit, next, reason, isManual: true);
            if (TryMove(circuit, next, transition))
            {
                return transition;
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

    // The note goes in together with the state: written after it, that of the slower of two callers would stay.
    private bool TryMove(Circuit from, Circuit to, CircuitStateChangedEvent? transition)
    {
        var noted = transition is null ? to : to with { LastTransition = transition };
        return ReferenceEquals(Interlocked.CompareExchange(ref _circuit, noted, from), from);
    }

    private CircuitStateChangedEvent Note(Circuit from, Circuit to, string reason, bool isManual = false) =>
        new()
        {
            PipelineName = pipelineName, At = clock.GetUtcNow(), From = from.State, To = to.State,
            Reason = reason, Sequence = to.Epoch, IsManual = isManual, FailureCount = to.Failures,
        };

    private static string Reason<TResult>(Circuit from, Circuit to, Outcome<TResult> outcome) => (from.State, to.State) switch
    {
        (CircuitState.HalfOpen, CircuitState.Closed) => "the probe succeeded",
        (CircuitState.HalfOpen, _) => $"the probe failed: {FailureText.Of(outcome)}",
        _ => $"{to.Failures} {(to.Failures == 1 ? "failure" : "failures in a row")}, the last: {FailureText.Of(outcome)}",
    };
}
