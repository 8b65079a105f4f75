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
/// The circuit of design section 6 and of issue 16, row by row and as naively as can be: it keeps the calls whose result may still move it
/// in a list, and strikes out those whose result has come too late; and it keeps every call that a ratio looks at.
/// </summary>
internal sealed class CircuitModel(CircuitBreakerOptions options)
{
    private readonly List<Admission> _live = [];
    private readonly List<Sample> _samples = [];
    private CircuitState _entered = CircuitState.Closed;
    private TimeSpan _enteredAt;
    private TimeSpan? _break; // how long the state lasts that was entered; null for no end
    private int _breaks;
    private int _probed;
    private TimeSpan _windowBegan;

    public TimeSpan Now { get; private set; }

    public int Failures { get; private set; }

    /// <summary>The state that the last transition led to, or <see langword="null"/> when there was none.</summary>
    public CircuitState? LastTransition { get; private set; }

    /// <summary>Which rules have opened it.</summary>
    public HashSet<string> OpenedBy { get; } = [];

    public CircuitState State =>
        _entered is CircuitState.Open or CircuitState.Isolated && Now - _enteredAt >= _break ? CircuitState.HalfOpen : _entered;

    public TimeSpan? TimeToProbe => State switch
    {
        CircuitState.Open or CircuitState.Isolated => _enteredAt + _break - Now,
        CircuitState.HalfOpen => _live.Count == 0 ? TimeSpan.Zero : _live[0].At + options.RecoveryTimeout - Now,
        _ => null,
    };

    /// <summary>The calls that a ratio looks at now, those of them that failed, and those that were slow.</summary>
    public (int Calls, int Failures, int Slow) Sampled
    {
        get
        {
            var seen = _entered != CircuitState.Closed ? [] : _samples.Where(sample => PartOf(Now) - PartOf(sample.At) < 10).ToList();
            return (seen.Count, seen.Count(sample => sample.Failed), seen.Count(sample => sample.Slow));
        }
    }

    private bool Samples => options.FailureRatio is not null || options.SlowCallDuration is not null;

    public void Advance(TimeSpan by)
    {
        Now += by;
        if (State == CircuitState.HalfOpen)
        {
            _live.RemoveAll(probe => Now >= probe.At + options.RecoveryTimeout);
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
                _probed = _entered == CircuitState.HalfOpen ? _probed : 0;
                Enter(CircuitState.HalfOpen);
                break;
            default:
                return null;
        }

        var admission = new Admission(Now);
        _live.Add(admission);
        return admission;
    }

    public void Finish(Admission? admission, Verdict verdict, TimeSpan lasted)
    {
        if (admission is null || !_live.Remove(admission) || verdict == Verdict.Neither)
        {
            return;
        }

        var (failed, slow) = (verdict == Verdict.Failure, lasted >= options.SlowCallDuration);
        if (State == CircuitState.HalfOpen)
        {
            FinishProbe(failed, slow);
            return;
        }

        Failures = failed ? Failures + 1 : 0;
        if (Samples)
        {
            _windowBegan = _samples.Count == 0 ? Now : _windowBegan;
            _samples.Add(new(Now, failed, slow));
        }

        if (failed && Failures >= options.FailureThreshold)
        {
            Open("a row");
        }
        else if ((failed || slow) && Sampled is var (calls, failures, slows) && calls >= options.MinimumThroughput)
        {
            if (failures >= options.FailureRatio * calls)
            {
                Open("failures");
            }
            else if (options.SlowCallDuration is not null && slows >= options.SlowCallRatio * calls)
            {
                Open("slow calls");
            }
        }
    }

    public void Isolate(TimeSpan? duration)
    {
        if (_entered == CircuitState.Isolated && duration is null && _break is null)
        {
            return;
        }

        (_breaks, _probed) = (0, 0);
        Enter(CircuitState.Isolated);
        _break = duration;
    }

    public void Reset()
    {
        (Failures, _breaks, _probed) = (0, 0, 0);
        Enter(CircuitState.Closed);
    }

    private void FinishProbe(bool failed, bool slow)
    {
        if (failed || slow)
        {
            Open("the probe");
        }
        else if (++_probed < options.Probes)
        {
            _live.Clear(); // the next call probes
        }
        else
        {
            Reset();
        }
    }

    private void Open(string by)
    {
        OpenedBy.Add(by);
        Enter(CircuitState.Open);
        _break = options.RecoveryTimeout;
        for (var i = 0; i < _breaks && options.RecoveryMultiplier > 1; i++)
        {
            _break = _break * options.RecoveryMultiplier > options.MaxRecoveryTimeout ? options.MaxRecoveryTimeout : _break * options.RecoveryMultiplier;
        }

        _breaks++;
        _probed = 0;
    }

    private void Enter(CircuitState state)
    {
        if (state != _entered)
        {
            LastTransition = state;
        }

        _live.Clear();
        _samples.Clear();
        (_entered, _enteredAt, _break) = (state, Now, null);
    }

    private long PartOf(TimeSpan at) => (at - _windowBegan).Ticks / (options.SamplingDuration.Ticks / 10);

    /// <summary>A call that was let in. A class, since two calls of one moment are two.</summary>
    internal sealed class Admission(TimeSpan at)
    {
        public TimeSpan At => at;
    }

    private readonly record struct Sample(TimeSpan At, bool Failed, bool Slow);
}
