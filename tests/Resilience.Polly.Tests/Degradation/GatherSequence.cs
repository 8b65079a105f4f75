
namespace Resilience.Polly.Tests.Degradation;

/// <summary>One random sequence: calls and fallbacks end in any order, time passes, the caller may give up.</summary>
internal sealed class GatherSequence : IDisposable
{
    private const int Deadline = 100;
    private const int Grace = 20;

    private readonly int _seed;
    private readonly Random _random;
    private readonly TestClock _clock = new();
    private readonly CancellationTokenSource _caller = new();
    private readonly List<string> _steps = [];
    private readonly ScatterGather _gather;
    private readonly HeldPart<int>[] _calls;
    private readonly HeldPart<int>[] _fallbacks;
    private readonly GatherModel _model;
    private Task _run = Task.CompletedTask;

    public GatherSequence(int seed)
    {
        (_seed, _random) = (seed, new Random(seed));
        _gather = new ScatterGather(_clock) { FallbackGrace = TimeSpan.FromMilliseconds(Grace) };
        var kinds = Enumerable.Range(0, _random.Next(1, 6)).Select(_ => (FallbackKind)_random.Next(3)).ToArray();
        _calls = [.. kinds.Select(_ => new HeldPart<int>(heedsToken: _random.Next(2) == 0))];
        _fallbacks = [.. kinds.Select(_ => new HeldPart<int>(heedsToken: _random.Next(2) == 0))];
        _model = new GatherModel(kinds, Deadline, Grace);
        for (var part = 0; part < kinds.Length; part++)
        {
            _ = kinds[part] switch
            {
                FallbackKind.None => _gather.Add($"{part}", _calls[part].CallAsync),
                FallbackKind.Value => _gather.Add($"{part}", _calls[part].CallAsync, 7),
                _ => _gather.Add($"{part}", _calls[part].CallAsync, _fallbacks[part].CallAsync),
            };
        }
    }

    /// <summary>How parts and run ended, over all steps.</summary>
    public HashSet<string> Seen { get; } = [];

    public async Task RunAsync()
    {
        _run = _gather.RunAsync(TimeSpan.FromMilliseconds(Deadline), _caller.Token);
        await Task.WhenAll(_calls.Select(call => call.StartedAsync()));
        for (var step = 0; step < 25; step++)
        {
            await StepAsync();
            await CompareAsync();
        }

        Seen.UnionWith(_gather.Parts.Select(part => part.State.ToString()));
    }

    public void Dispose() => _caller.Dispose();

    private async Task StepAsync()
    {
        var part = _random.Next(_calls.Length);
        var answers = _random.Next(2) == 0;
        switch (_random.Next(10))
        {
            case < 4 when _model.IsOpenCall(part):
                _steps.Add($"call {part} {(answers ? "answers" : "fails")}");
                End(_calls[part], answers);
                _model.EndCall(part, answers);
                break;
            case < 7 when _model.IsOpenFallback(part):
                _steps.Add($"fallback {part} {(answers ? "answers" : "fails")}");
                End(_fallbacks[part], answers);
                _model.EndFallback(part, answers);
                break;
            case 9 when _random.Next(8) == 0:
                _steps.Add("the caller cancels");
                _model.Cancel();
                await Task.Run(_caller.Cancel);
                break;
            default:
                // Never beyond the deadline in one step: the grace begins when it is noticed.
                var time = _random.Next(1, 30);
                time = _model.IsPastDeadline ? time : Math.Min(time, Deadline - _model.Now);
                _steps.Add($"{time} ms pass");
                _model.Advance(time);
                await Task.Run(() => _clock.Advance(TimeSpan.FromMilliseconds(time)));
                break;
        }
    }

    private static void End(HeldPart<int> part, bool answers)
    {
        if (answers)
        {
            part.Answer(1);
        }
        else
        {
            part.Fail(new TimeoutException());
        }
    }

    private async Task CompareAsync()
    {
        var reached = SpinUntil(() => _gather.Parts.Select(part => part.State).SequenceEqual(_model.States));
        Assert.True(await reached, $"{Story} Expected {string.Join(", ", _model.States)}, but it is {string.Join(", ", _gather.Parts.Select(part => part.State))}.");
        if (!_model.HasEnded)
        {
            Assert.False(_run.IsCompleted, $"{Story} The run has ended too early.");
            return;
        }

        Assert.True(await SpinUntil(() => _run.IsCompleted), $"{Story} The run has not ended.");
        Assert.True(_run.IsCanceled == _model.IsCancelled && !_run.IsFaulted, $"{Story} The run ended as {_run.Status}.");
        Assert.Equal(_gather.Parts.Where(part => part.State != ScatterPartState.Answered).Select(part => part.Name), _gather.Degraded);
        Seen.Add(_run.Status.ToString());
    }

    private string Story => $"Seed {_seed}: {string.Join("; ", _steps)}.";

    private static async Task<bool> SpinUntil(Func<bool> condition)
    {
        for (var started = TimeProvider.System.GetTimestamp(); !condition(); await Task.Yield())
        {
            if (TimeProvider.System.GetElapsedTime(started) > HeldCall.Patience)
            {
                return false;
            }
        }

        return true;
    }
}
