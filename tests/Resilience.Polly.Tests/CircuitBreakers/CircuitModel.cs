using Polly.CircuitBreaker;

namespace Resilience.Polly.Tests.CircuitBreakers;

/// <summary>What the end of a call tells the circuit.</summary>
internal enum Verdict
{
    Success,
    Failure,
    Neither,
}

/// <summary>
/// The circuit of design section 6, row by row and as naively as can be: it keeps the calls whose result may still move it
/// in a list, and strikes out those whose result has come too late.
/// </summary>
internal sealed class CircuitModel(int threshold, TimeSpan recovery)
{
    private readonly List<Admission> _live = [];
    private CircuitState _entered = CircuitState.Closed;
    private TimeSpan _enteredAt;

    public TimeSpan Now { get; private set; }

    public int Failures { get; private set; }

    /// <summary>The state that the last transition led to, or <see langword="null"/> when there was none.</summary>
    public CircuitState? LastTransition { get; private set; }

    public CircuitState State =>
        _entered == CircuitState.Open && Now >= _enteredAt + recovery ? CircuitState.HalfOpen : _entered;

    public TimeSpan? TimeToProbe => State switch
    {
        CircuitState.Open => _enteredAt + recovery - Now,
        CircuitState.HalfOpen => _live.Count == 0 ? TimeSpan.Zero : _live[0].At + recovery - Now,
        _ => null,
    };

    public void Advance(TimeSpan by)
    {
        Now += by;
        if (State == CircuitState.HalfOpen)
        {
            _live.RemoveAll(probe => Now >= probe.At + recovery);
        }
    }

    /// <summary>Lets a call in, or gives <see langword="null"/>.</summary>
    public Admission? Admit()
    {
        switch (State)
        {
            case CircuitState.Closed:
                break;
            case CircuitState.HalfOpen when _live.Count == 0:
                Enter(CircuitState.HalfOpen);
                break;
            default:
                return null;
        }

        var admission = new Admission(Now);
        _live.Add(admission);
        return admission;
    }

    public void Finish(Admission? admission, Verdict verdict)
    {
        if (admission is null || !_live.Remove(admission))
        {
            return;
        }

        switch (verdict)
        {
            case Verdict.Success:
                Failures = 0;
                if (State == CircuitState.HalfOpen)
                {
                    Enter(CircuitState.Closed);
                }

                break;
            case Verdict.Failure when State == CircuitState.HalfOpen:
                Enter(CircuitState.Open);
                break;
            case Verdict.Failure:
                Failures++;
                if (Failures >= threshold)
                {
                    Enter(CircuitState.Open);
                }

                break;
        }
    }

    public void Isolate()
    {
        if (State != CircuitState.Isolated)
        {
            Enter(CircuitState.Isolated);
        }
    }

    public void Reset()
    {
        Failures = 0;
        Enter(CircuitState.Closed);
    }

    private void Enter(CircuitState state)
    {
        if (state != _entered)
        {
            LastTransition = state;
        }

        _live.Clear();
        _entered = state;
        _enteredAt = Now;
    }

    /// <summary>A call that was let in. A class, since two calls of one moment are two.</summary>
    internal sealed class Admission(TimeSpan at)
    {
        public TimeSpan At => at;
    }
}
