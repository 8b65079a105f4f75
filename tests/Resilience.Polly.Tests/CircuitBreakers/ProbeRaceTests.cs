using Polly.CircuitBreaker;

namespace Resilience.Polly.Tests.CircuitBreakers;

/// <summary>"Exactly one probe at a time", with real threads.</summary>
public sealed class ProbeRaceTests : IAsyncDisposable
{
    private const int Rounds = 1_000;

    private static readonly TimeSpan Recovery = TimeSpan.FromSeconds(30);

    private readonly TestPipelines _app = TestPipelines.Of(options =>
    {
        options.CircuitBreaker.FailureThreshold = 1;
        options.CircuitBreaker.RecoveryTimeout = Recovery;
        options.Retry.MaxAttempts = 1;
        options.Bulkhead.MaxConcurrency = 1000;
        options.Timeout.Read = Timeout.InfiniteTimeSpan;
    });

    private int _executed;
    private int _rejected;
    private int _unexplained;

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    [Fact]
    public void Execute_64_calls_on_a_half_open_circuit_lets_exactly_one_in()
    {
        var decided = new CountdownEvent(1);
        new ProbeRace(Rounds).Run(
            _ =>
            {
                HalfOpen();
                decided = new CountdownEvent(ProbeRace.Callers);
            },
            (round, _) =>
            {
                // The probe is under way until every other call has been decided on.
                if (!Call(() => Assert.True(decided.Signal() | decided.Wait(HeldCall.Patience)), fails: round % 2 == 0))
                {
                    decided.Signal();
                }
            },
            round =>
            {
                Assert.Equal((1, ProbeRace.Callers - 1), (_executed, _rejected));
                Assert.Equal(round % 2 == 0 ? CircuitState.Open : CircuitState.Closed, State);
            });
    }

    [Fact]
    public void Execute_probe_fails_while_others_call_lets_no_other_in() =>
        new ProbeRace(Rounds).Run(
            _ => HalfOpen(),
            (_, _) => Call(() => { }, fails: true),
            _ =>
            {
                Assert.Equal((1, ProbeRace.Callers - 1), (_executed, _rejected));
                Assert.Equal(CircuitState.Open, State);
            });

    [Fact]
    public void Execute_probe_succeeds_while_others_call_rejects_only_with_the_time_of_the_next_probe() =>
        new ProbeRace(Rounds).Run(
            _ => HalfOpen(),
            (_, _) => Call(() => { }, fails: false),
            _ =>
            {
                Assert.Equal(ProbeRace.Callers, _executed + _rejected);
                Assert.Equal(CircuitState.Closed, State);
                Assert.Equal(0, _unexplained);
            });

    [Fact]
    public void Execute_probes_cancelled_by_their_callers_while_others_call_leaves_the_next_call_to_probe()
    {
        int inside = 0, most = 0, probes = 0;
        new ProbeRace(Rounds).Run(
            _ => HalfOpen(),
            (_, _) =>
            {
                using var caller = new CancellationTokenSource();
                Call(
                    () =>
                    {
                        InterlockedMax.Set(ref most, Interlocked.Increment(ref inside));
                        Interlocked.Increment(ref probes);
                        caller.Cancel();
                        Interlocked.Decrement(ref inside);
                        caller.Token.ThrowIfCancellationRequested();
                    },
                    fails: false,
                    caller.Token);
            },
            _ =>
            {
                // How many got to probe one after another is chance; that it was one at a time, and that the next may, is not.
                Assert.InRange(probes, 1, ProbeRace.Callers);
                Assert.Equal(1, most);
                Assert.Equal(CircuitState.HalfOpen, State);
                Assert.True(Call(() => { }, fails: false));
                Assert.Equal(CircuitState.Closed, State);
                probes = 0;
            });
    }

    private CircuitState State => _app.Snapshot.CircuitBreaker.State;

    private void HalfOpen()
    {
        _app.Control.Reset(TestPipelines.Name);
        Assert.True(Call(() => { }, fails: true));
        Assert.Equal(CircuitState.Open, State);
        _app.Clock.Advance(Recovery);
        Assert.Equal(CircuitState.HalfOpen, State);
        _executed = _rejected = 0;
    }

    private bool Call(Action action, bool fails, CancellationToken cancellationToken = default)
    {
        try
        {
            _app.Pipeline.Execute(
                _ =>
                {
                    Interlocked.Increment(ref _executed);
                    action();
                    if (fails)
                    {
                        throw new TimeoutException();
                    }
                },
                cancellationToken);
        }
        catch (CircuitOpenException open)
        {
            Interlocked.Increment(ref _rejected);
            if (open.RetryAfter is null)
            {
                Interlocked.Increment(ref _unexplained);
            }

            return false;
        }
        catch (Exception exception) when (exception is ApiTimeoutException or OperationCanceledException)
        {
        }

        return true;
    }
}
