namespace Resilience.Polly.Tests.CircuitBreakers;

/// <summary>One random sequence of steps, made in a real pipeline and in the model, which are compared after every step.</summary>
internal sealed class CircuitRun : IAsyncDisposable
{
    private readonly List<CircuitModelCall> _held = [];
    private readonly List<string> _steps = [];
    private readonly int _seed;
    private readonly Random _random;
    private readonly CircuitVariant _variant;
    private readonly CircuitModel _model;
    private readonly TestPipelines _app;
    private int _calls;

    public CircuitRun(int seed)
    {
        _seed = seed;
        _random = new Random(seed);
        _variant = CircuitVariant.Draw(_random);
        _model = new CircuitModel(_variant.Circuit);
        _app = TestPipelines.Of(_variant.Configure);
    }

    /// <summary>What the run has met: one that meets nothing proves nothing.</summary>
    public HashSet<string> Seen { get; } = [];

    public async Task RunAsync()
    {
        for (var steps = _random.Next(20, 61); steps > 0; steps--)
        {
            await StepAsync();
            Compare();
        }
    }

    public async ValueTask DisposeAsync()
    {
        _held.ForEach(call => call.Real.Dispose());
        await _app.DisposeAsync();
    }

    private async Task StepAsync()
    {
        switch (_random.Next(20))
        {
            case < 5:
                await StartAsync();
                break;
            case < 10 when _held.Count > 0:
                await AnswerAsync(_held[_random.Next(_held.Count)], CircuitVariant.DrawAnswer(_random));
                break;
            case < 14:
                if (await StartAsync() is { } call)
                {
                    await AnswerAsync(call, CircuitVariant.DrawAnswer(_random));
                }

                break;
            case < 18:
                Advance(_variant.DrawTime(_random, _model.TimeToProbe));
                break;
            case 18 when _random.Next(3) == 0:
                Isolate();
                break;
            default:
                if (_random.Next(3) == 0)
                {
                    _steps.Add("reset");
                    _app.Control.Reset(TestPipelines.Name);
                    _model.Reset();
                }

                break;
        }
    }

    private async Task<CircuitModelCall?> StartAsync()
    {
        var call = new CircuitModelCall(++_calls, new HeldCall(_app.Pipeline), _model, _variant);
        var retryAfter = _model.TimeToProbe;
        _steps.Add($"start #{call.Number}");
        if (call.Begin())
        {
            Check(call.Real.Attempts == 1, "the call is let in");
            _held.Add(call);
            return call;
        }

        Check(call.Real is { Attempts: 0, Ended.IsCompleted: true }, "the call is rejected");
        var open = await call.Real.FailureAsync() as CircuitOpenException;
        Check(open is not null && open.RetryAfter == retryAfter, $"the rejection says {retryAfter}, not {open?.RetryAfter}");
        call.Real.Dispose();
        return null;
    }

    private async Task AnswerAsync(CircuitModelCall call, Answer answer)
    {
        _steps.Add($"answer #{call.Number} {answer}");
        var goesOn = call.End(answer);
        Check(call.Real.Attempts == call.Attempts, $"the call makes {call.Attempts} attempts, not {call.Real.Attempts}");
        if (goesOn)
        {
            Seen.Add("Retry");
            return;
        }

        _held.Remove(call);
        var failure = await call.Real.FailureAsync();
        Check(
            answer is Answer.Success or Answer.SuccessInSpiteOfCancellation ? failure is null : failure is not (null or CircuitOpenException),
            $"the caller gets the last outcome, not {failure}");
        call.Real.Dispose();
    }

    private void Isolate()
    {
        _steps.Add("isolate");
        if (_variant.Enforces)
        {
            TimeSpan? duration = _random.Next(2) == 0 ? null : _variant.Circuit.RecoveryTimeout * _random.Next(1, 4);
            _app.Control.Isolate(TestPipelines.Name, duration);
            _model.Isolate(duration);
        }
        else
        {
            Assert.Throws<InvalidOperationException>(() => _app.Control.Isolate(TestPipelines.Name));
        }
    }

    private void Advance(TimeSpan by)
    {
        _steps.Add($"advance {by}");
        _app.Clock.Advance(by);
        _model.Advance(by);
    }

    private void Compare()
    {
        var circuit = _app.Snapshot.CircuitBreaker;
        Seen.Add(circuit.State.ToString());
        Check(circuit.State == _model.State, $"the state is {_model.State}, not {circuit.State}");
        Check(circuit.FailureCount == _model.Failures, $"there are {_model.Failures} failures, not {circuit.FailureCount}");
        Check(circuit.TimeToProbe == _model.TimeToProbe, $"the time to the probe is {_model.TimeToProbe}, not {circuit.TimeToProbe}");
        Check((circuit.SampledCalls, circuit.SampledFailures, circuit.SampledSlowCalls) == _model.Sampled, $"the window holds {_model.Sampled}, not {circuit.SampledCalls}, {circuit.SampledFailures}, {circuit.SampledSlowCalls}");
        Seen.UnionWith(_model.OpenedBy);
        Check(circuit.LastTransition?.To == _model.LastTransition, $"the last transition was to {_model.LastTransition}, not {circuit.LastTransition}");
    }

    private void Check(bool holds, string expectation)
    {
        if (!holds)
        {
            Assert.Fail($"Seed {_seed}, {_variant}, step {_steps.Count}: expected that {expectation}.\n{string.Join('\n', _steps)}");
        }
    }
}
