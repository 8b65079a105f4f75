using System.Net;
using Microsoft.Extensions.DependencyInjection;

namespace Resilience.Polly.Tests.RateLimits;

/// <summary>One random sequence of steps, made in a real pipeline and in the model, which are compared after every step.</summary>
internal sealed class RateLimitRun : IAsyncDisposable
{
    private readonly Dictionary<int, HeldCall> _calls = [];
    private readonly Dictionary<int, int> _maxCoolDowns = []; // of the settings that each call began with
    private readonly HashSet<int> _started = [];
    private readonly HashSet<int> _ended = [];
    private readonly List<string> _steps = [];
    private readonly int _seed;
    private readonly Random _random;
    private readonly LiveJson _live;
    private readonly TestPipelines _app;
    private readonly RateLimitModel _model;
    private RateLimitVariant _settings;

    public RateLimitRun(int seed)
    {
        _seed = seed;
        _random = new Random(seed);
        _settings = RateLimitVariant.Draw(_random);
        _live = new LiveJson(_settings.Json);
        _model = new RateLimitModel(_settings);
        _app = new TestPipelines(services => services.AddResilience(_live.Section).AddPipeline(TestPipelines.Name, options =>
        {
            options.Retry.MaxAttempts = 1;
            options.CircuitBreaker.Mode = CircuitBreakerMode.Disabled;
            options.Timeout.Read = Timeout.InfiniteTimeSpan;
            options.Bulkhead.MaxConcurrency = 1000;
        }));
        _ = _app.Pipeline; // made now, so that both begin at the same time
        _steps.Add($"begin with {_settings}");
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
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var (number, call) in _calls)
        {
            if (_started.Contains(number) && !_ended.Contains(number))
            {
                call.Answer();
            }

            call.Cancel();
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
            case < 11 when _model.Line.Count > 0:
                await GiveUpAsync(_model.Line[_random.Next(_model.Line.Count)]);
                break;
            case < 13 when _started.Except(_ended).Any():
                await AskToWaitAsync(_started.Except(_ended).Order().First());
                break;
            case < 18:
                var time = _random.Next(3) switch { 0 => _random.Next(1, 10), 1 => _random.Next(1, 200), _ => _random.Next(1, 1500) };
                _steps.Add($"advance {time} ms");
                for (var passed = 0; passed < time; passed++)
                {
                    _app.Clock.Advance(TimeSpan.FromMilliseconds(1)); // a clock that leaps has a timer come late
                }

                _model.Advance(time);
                break;
            case < 19:
                _settings = RateLimitVariant.Draw(_random);
                _steps.Add($"change to {_settings}");
                await ExpectRefusalsAsync("Refused by a change", () =>
                {
                    _live.Change(_settings.Json);
                    _model.Change(_settings);
                });
                break;
        }
    }

    private async Task EnterAsync(int number)
    {
        _steps.Add($"enter #{number}");
        var call = new HeldCall(_app.Pipeline);
        _calls.Add(number, call);
        _maxCoolDowns.Add(number, _settings.MaxCoolDown);
        if (_model.Enter(number) is { } wait)
        {
            _ended.Add(number);
            Seen.Add(_model.CoolDown > 0 ? "Refused in a cool-down" : "Refused");
            Check(call.Ended.IsCompleted && await call.FailureAsync() is RateLimitedException, "the call is refused at once");
            var after = ((RateLimitedException)(await call.FailureAsync())!).RetryAfter!.Value.Ticks;
            Check(after == Math.Ceiling(wait * TimeSpan.TicksPerMillisecond), $"RetryAfter is {wait} ms, not {after} ticks");
        }
    }

    private async Task GiveUpAsync(int number)
    {
        Seen.Add("Cancelled");
        _steps.Add($"give up #{number}");
        _model.GiveUp(number);
        _calls[number].Cancel();
        _ended.Add(number);
        Check(await _calls[number].FailureAsync() is OperationCanceledException, "the waiter is cancelled");
    }

    private async Task AskToWaitAsync(int number)
    {
        var seconds = _random.Next(1, 4);
        _steps.Add($"#{number} is answered 429, retry after {seconds} s");
        using var response = new HttpResponseMessage(HttpStatusCode.TooManyRequests);
        response.Headers.RetryAfter = new(TimeSpan.FromSeconds(seconds));
        await ExpectRefusalsAsync("Refused in line", () =>
        {
            _calls[number].Fail(new HttpStatusException(response));
            _model.AskToWait(Math.Min(seconds * 1000, _maxCoolDowns[number]));
        });
        _ended.Add(number);
        Check(await _calls[number].FailureAsync() is ApiUnavailableException, "the call that was told gets its failure");
    }

    private async Task ExpectRefusalsAsync(string what, Action step)
    {
        var before = _model.Line;
        step();
        foreach (var number in before.Except(_model.Line).Except(_model.Entered))
        {
            Seen.Add(what);
            _ended.Add(number);
            Check(await _calls[number].FailureAsync() is RateLimitedException, $"#{number} is refused");
        }
    }

    private async Task CompareAsync()
    {
        foreach (var number in _model.Entered.Where(_started.Add))
        {
            await _calls[number].AttemptStartedAsync(); // a waiter that was let in starts on another thread
        }

        var rate = _app.Snapshot.RateLimit!;
        var coolDown = rate.CoolDownUntil - _app.Clock.GetUtcNow() ?? TimeSpan.Zero;
        Check(
            (rate.Available, rate.Waiting, coolDown) == (_model.Available, _model.Line.Count, TimeSpan.FromMilliseconds(_model.CoolDown)),
            $"{_model.Available} permits, {_model.Line.Count} waiters and a cool-down of {_model.CoolDown} ms, not {rate.Available}, {rate.Waiting} and {coolDown}");
        Check(_calls.All(call => call.Value.Attempts == (_started.Contains(call.Key) ? 1 : 0)), "those and only those who were let in have run");
        Check(_model.Line.All(number => !_calls[number].Ended.IsCompleted), "those in line have not ended");
    }

    private void Check(bool holds, string expectation)
    {
        if (!holds)
        {
            Assert.Fail($"Seed {_seed}, step {_steps.Count}: expected that {expectation}.\n{string.Join('\n', _steps)}");
        }
    }
}
