using Microsoft.Extensions.DependencyInjection;

namespace Resilience.Polly.Tests.Bulkheads;

/// <summary>One random sequence of steps, made in a real pipeline and in the model, which are compared after every step.</summary>
internal sealed class BulkheadRun : IAsyncDisposable
{
    private readonly Dictionary<int, HeldCall> _calls = [];
    private readonly HashSet<int> _started = [];
    private readonly List<string> _steps = [];
    private readonly int _seed;
    private readonly Random _random;
    private readonly LiveJson _live;
    private readonly TestPipelines _app;
    private readonly BulkheadModel _model;
    private BulkheadVariant _settings;

    public BulkheadRun(int seed)
    {
        _seed = seed;
        _random = new Random(seed);
        _settings = BulkheadVariant.Draw(_random);
        _live = new LiveJson(_settings.Json);
        _model = new BulkheadModel(_settings.Limit);
        _app = new TestPipelines(services => services.AddResilience(_live.Section).AddPipeline(TestPipelines.Name, options =>
        {
            options.Retry.MaxAttempts = 1;
            options.CircuitBreaker.Mode = CircuitBreakerMode.Disabled;
            options.Timeout.Read = Timeout.InfiniteTimeSpan;
        }));
        _ = _app.Pipeline; // made now, since a peak is counted from the first use on
    }

    /// <summary>What the run has met: one that meets nothing proves nothing.</summary>
    public HashSet<string> Seen { get; } = [];

    public async Task RunAsync()
    {
        for (var steps = _random.Next(20, 61); steps > 0; steps--)
        {
            await StepAsync();
            await CompareAsync();
        }

        while (_model.Inside.Count > 0)
        {
            await LeaveAsync(_model.Inside[0]);
            await CompareAsync();
        }

        Check(_app.Snapshot.Bulkhead is { InUse: 0, Waiting: 0 }, "nobody is left");
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var call in _calls.Values)
        {
            call.Dispose();
        }

        await _app.DisposeAsync();
    }

    private async Task StepAsync()
    {
        switch (_random.Next(20))
        {
            case < 9:
                await EnterAsync(_calls.Count + 1);
                break;
            case < 13 when _model.Inside.Count > 0:
                await LeaveAsync(_model.Inside[_random.Next(_model.Inside.Count)]);
                break;
            case < 15 when _model.Line.Count > 0:
                await GiveUpAsync(_model.Line[_random.Next(_model.Line.Count)]);
                break;
            case < 18:
                await AdvanceAsync(BulkheadVariant.DrawTime(_random, _model.NextTimeout));
                break;
            case < 19:
                _settings = BulkheadVariant.Draw(_random);
                _steps.Add($"change to {_settings}");
                _live.Change(_settings.Json);
                _model.Change(_settings.Limit);
                break;
        }
    }

    private async Task EnterAsync(int number)
    {
        _steps.Add($"enter #{number}");
        var call = new HeldCall(_app.Pipeline);
        _calls.Add(number, call);
        if (!_model.Enter(number, _settings.Acquisition, _settings.MaxQueue))
        {
            Seen.Add("Rejected");
            Check(call.Ended.IsCompleted && await call.FailureAsync() is PoolTimeoutException, "the call is rejected at once");
        }
    }

    private async Task LeaveAsync(int number)
    {
        var fails = _random.Next(2) == 0;
        _steps.Add($"leave #{number} {(fails ? "by failure" : "by success")}");
        _model.Leave(number);
        if (fails)
        {
            _calls[number].Fail(new TimeoutException());
        }
        else
        {
            _calls[number].Answer();
        }

        Check(await _calls[number].FailureAsync() is null != fails, "the call ends as it was answered");
    }

    private async Task GiveUpAsync(int number)
    {
        Seen.Add("Cancelled");
        _steps.Add($"give up #{number}");
        _model.GiveUp(number);
        _calls[number].Cancel();
        Check(await _calls[number].FailureAsync() is OperationCanceledException, "the waiter is cancelled");
    }

    private async Task AdvanceAsync(TimeSpan by)
    {
        _steps.Add($"advance {by}");
        var before = _model.Line;
        _model.Advance(by);
        _app.Clock.Advance(by);
        foreach (var number in before.Except(_model.Line))
        {
            Seen.Add("Timed out");
            Check(await _calls[number].FailureAsync() is PoolTimeoutException, $"#{number} times out");
        }
    }

    private async Task CompareAsync()
    {
        foreach (var number in _model.Inside.Where(_started.Add))
        {
            await _calls[number].AttemptStartedAsync(); // a waiter that was let in starts on another thread
        }

        var bulkhead = _app.Snapshot.Bulkhead;
        var expected = (_model.Limit, _model.Inside.Count, _model.Line.Count, _model.Peak);
        Check((bulkhead.Limit, bulkhead.InUse, bulkhead.Waiting, bulkhead.Peak) == expected, $"limit, in use, waiting and peak are {expected}, not {bulkhead}");
        Check(_model.Inside.Concat(_model.Line).All(number => !_calls[number].Ended.IsCompleted), "those inside and in line have not ended");
        Check(_calls.All(call => call.Value.Attempts == (_started.Contains(call.Key) ? 1 : 0)), "those and only those who were let in have run");
    }

    private void Check(bool holds, string expectation)
    {
        if (!holds)
        {
            Assert.Fail($"Seed {_seed}, step {_steps.Count}: expected that {expectation}.\n{string.Join('\n', _steps)}");
        }
    }
}
