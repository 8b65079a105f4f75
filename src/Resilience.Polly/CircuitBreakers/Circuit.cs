using Polly.CircuitBreaker;

namespace Resilience.Polly.CircuitBreakers;

/// <summary>
/// The whole state of a circuit as an immutable value, with its transitions as pure functions of state, event and time
/// (guide: "Circuit Breaker States"). Times are timestamps of a monotonic clock.
/// </summary>
/// <param name="State">The state that was last entered. An open circuit whose time is over reads as half-open: <see cref="StateAt"/>.</param>
/// <param name="Epoch">Grows with every transition, so that late results can be told.</param>
/// <param name="Failures">Failures in a row.</param>
/// <param name="ProbeAt">Open: when the break is over. Half-open: when the permit of the probe lapses.</param>
/// <param name="LastTransition">The note on the last change of state. Part of the value, so that nobody sees the one without the other.</param>
internal sealed record Circuit(CircuitState State, long Epoch, int Failures, long ProbeAt, CircuitStateChangedEvent? LastTransition = null)
{
    public static readonly Circuit Initial = new(CircuitState.Closed, 0, 0, 0);

    public CircuitState StateAt(long now) => State == CircuitState.Open && now >= ProbeAt ? CircuitState.HalfOpen : State;

    /// <summary>Lets a call in, or not. A probe is let in by a transition of its own, which makes it the only one.</summary>
    public (Circuit Next, CircuitPermit? Permit) Admit(long now, long recovery)
    {
        switch (State)
        {
            case CircuitState.Closed:
                return (this, new(Epoch, false));

            case CircuitState.Open or CircuitState.HalfOpen when now >= ProbeAt:
                var probing = this with { State = CircuitState.HalfOpen, Epoch = Epoch + 1, ProbeAt = now + recovery };
                return (probing, new(probing.Epoch, true));

            default:
                return (this, null);
        }
    }

    /// <summary>Takes the verdict on a call that was let in.</summary>
    public Circuit Settle(CircuitPermit permit, FailureKind verdict, long now, int threshold, long recovery)
    {
        if (permit.Epoch != Epoch)
        {
            return this;
        }

        return (State, verdict) switch
        {
            (CircuitState.Closed, FailureKind.Unrelated) => this,
            (CircuitState.Closed, FailureKind.None) => Failures == 0 ? this : this with { Failures = 0 },
            (CircuitState.Closed, _) => Failures + 1 < threshold ? this with { Failures = Failures + 1 } : Open(Failures + 1, now + recovery),

            (CircuitState.HalfOpen, _) when now >= ProbeAt => this, // the permit has lapsed
            (CircuitState.HalfOpen, FailureKind.Unrelated) => this with { Epoch = Epoch + 1, ProbeAt = now }, // given back: the next call probes
            (CircuitState.HalfOpen, FailureKind.None) => Close(),
            (CircuitState.HalfOpen, _) => Open(Failures, now + recovery),

            _ => this,
        };
    }

    public Circuit Isolate() => State == CircuitState.Isolated ? this : this with { State = CircuitState.Isolated, Epoch = Epoch + 1, ProbeAt = 0 };

    public Circuit Close() => this with { State = CircuitState.Closed, Epoch = Epoch + 1, Failures = 0, ProbeAt = 0 };

    private Circuit Open(int failures, long probeAt) =>
        this with { State = CircuitState.Open, Epoch = Epoch + 1, Failures = failures, ProbeAt = probeAt };
}
