using Polly.CircuitBreaker;

namespace Resilience.Polly.CircuitBreakers;

/// <summary>
/// The whole state of a circuit as an immutable value. Its transitions are pure functions of state, event and time
/// (guide: "Circuit Breaker States"). Times are timestamps of a monotonic clock.
/// </summary>
/// <param name="State">The state that was last entered. An open circuit whose break is over reads as half-open: <see cref="StateAt"/>.</param>
/// <param name="Epoch">Grows with every transition, to recognise late results.</param>
/// <param name="Failures">Failures in a row.</param>
/// <param name="ProbeAt">While open or isolated: when the break is over, <see cref="long.MaxValue"/> for one without end. While half-open: when the permit of the probe lapses.</param>
/// <param name="Breaks">How often it has opened since it was last closed; it decides the length of the break.</param>
/// <param name="Probed">Probes in a row that have succeeded.</param>
/// <param name="LastTransition">The note on the last change of state. It is part of the value, so both are always read together.</param>
internal sealed record Circuit(
    CircuitState State, long Epoch, int Failures, long ProbeAt, int Breaks = 0, int Probed = 0, CircuitStateChangedEvent? LastTransition = null)
{
    public static readonly Circuit Initial = new(CircuitState.Closed, 0, 0, 0);

    public CircuitState StateAt(long now) =>
        State is CircuitState.Open or CircuitState.Isolated && now >= ProbeAt ? CircuitState.HalfOpen : State;

    /// <summary>Lets a call in, or rejects it. A probe is let in by a transition, so there is only one.</summary>
    public (Circuit Next, CircuitPermit? Permit) Admit(long now, CircuitRules rules)
    {
        switch (State)
        {
            case CircuitState.Closed:
                return (this, new(Epoch, false));

            case not CircuitState.Closed when now >= ProbeAt:
                var probed = State == CircuitState.HalfOpen ? Probed : 0;
                var probing = this with { State = CircuitState.HalfOpen, Epoch = Epoch + 1, ProbeAt = now + rules.ProbeLapsesAfter, Probed = probed };
                return (probing, new(probing.Epoch, true));

            default:
                return (this, null);
        }
    }

    /// <summary>Applies the verdict on a call that was let in.</summary>
    /// <param name="permit">The admission of the call.</param>
    /// <param name="verdict">How it ended.</param>
    /// <param name="sample">The calls of the sampling window, this one included.</param>
    /// <param name="now">The time.</param>
    /// <param name="rules">When the circuit opens and closes.</param>
    public Circuit Settle(CircuitPermit permit, CircuitVerdict verdict, in CircuitSample sample, long now, CircuitRules rules)
    {
        if (permit.Epoch != Epoch)
        {
            return this;
        }

        return (State, verdict) switch
        {
            (CircuitState.Closed, CircuitVerdict.Neither) => this,
            (CircuitState.Closed, CircuitVerdict.Success) => Failures == 0 ? this : this with { Failures = 0 },
            (CircuitState.Closed, _) => CountInClosed(verdict == CircuitVerdict.Failure ? Failures + 1 : 0, sample, now, rules),

            (CircuitState.HalfOpen, _) when now >= ProbeAt => this, // the permit has lapsed
            (CircuitState.HalfOpen, CircuitVerdict.Neither) => this with { Epoch = Epoch + 1, ProbeAt = now }, // given back: the next call probes
            (CircuitState.HalfOpen, CircuitVerdict.Success) when Probed + 1 < rules.Probes => this with { Epoch = Epoch + 1, ProbeAt = now, Probed = Probed + 1 },
            (CircuitState.HalfOpen, CircuitVerdict.Success) => Close(),
            (CircuitState.HalfOpen, _) => Open(Failures, now, rules),

            _ => this,
        };
    }

    /// <summary>Rejects all calls until a time; <see cref="long.MaxValue"/> means without end.</summary>
    public Circuit Isolate(long until) => State == CircuitState.Isolated && ProbeAt == until
        ? this
        : this with { State = CircuitState.Isolated, Epoch = Epoch + 1, ProbeAt = until, Breaks = 0, Probed = 0 };

    /// <summary>Takes over the state of all instances.</summary>
    public Circuit Adopt(CircuitState state, long probeAt, int breaks) =>
        state == CircuitState.Closed ? State == state ? this : Close()
        : this with { State = state, Epoch = Epoch + 1, ProbeAt = probeAt, Breaks = breaks, Probed = 0 };

    public Circuit Close() => this with { State = CircuitState.Closed, Epoch = Epoch + 1, Failures = 0, ProbeAt = 0, Breaks = 0, Probed = 0 };

    private Circuit CountInClosed(int failures, in CircuitSample sample, long now, CircuitRules rules) =>
        failures >= rules.FailureThreshold || rules.IsExceededBy(sample) ? Open(failures, now, rules)
        : failures == Failures ? this
        : this with { Failures = failures };

    private Circuit Open(int failures, long now, CircuitRules rules) => this with
    {
        State = CircuitState.Open, Epoch = Epoch + 1, Failures = failures, ProbeAt = now + rules.BreakAfter(Breaks), Breaks = Breaks + 1, Probed = 0,
    };
}

/// <summary>What the end of a call says to the circuit.</summary>
internal enum CircuitVerdict
{
    /// <summary>Nothing about the dependency.</summary>
    Neither,

    /// <summary>It answered in time.</summary>
    Success,

    /// <summary>It answered, but took too long.</summary>
    Slow,

    /// <summary>It failed.</summary>
    Failure,
}
