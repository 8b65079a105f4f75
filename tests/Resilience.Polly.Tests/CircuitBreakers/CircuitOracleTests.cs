using Polly;
using Polly.CircuitBreaker;
using Polly.Utilities;

namespace Resilience.Polly.Tests.CircuitBreakers;

/// <summary>
/// Step by step the same as the consecutive-failures breaker of Polly v7, which many services still run on.
/// </summary>
/// <remarks>
/// Left out, because ours differs on purpose:
/// overlapping calls (v7 lets a result from before a transition close or open the circuit);
/// exceptions that v7 does not handle, such as business errors and cancellation (it neither counts them nor gives the permit of a probe back);
/// the reset of a half-open circuit while its probe is under way; the failure count, which v7 keeps to itself.
/// Alike in both, and therefore compared: the state, and whether a call is let in.
/// </remarks>
[Collection(nameof(PollyClock))]
public class CircuitOracleTests
{
    private const int Sequences = 3_000;

    [Fact]
    public async Task Circuit_random_sequences_of_single_calls_equals_the_consecutive_breaker_of_Polly_7()
    {
        var met = new HashSet<CircuitState>();
        try
        {
            for (var seed = 0; seed < Sequences; seed++)
            {
                await CompareAsync(seed, met);
            }
        }
        finally
        {
            SystemClock.Reset();
        }

        Assert.Equal(4, met.Count);
    }

    private static async Task CompareAsync(int seed, HashSet<CircuitState> met)
    {
        var random = new Random(seed);
        var (threshold, recovery) = (random.Next(1, 6), TimeSpan.FromMilliseconds(random.Next(10, 60_000)));
        await using var app = TestPipelines.Of(options =>
        {
            options.CircuitBreaker.FailureThreshold = threshold;
            options.CircuitBreaker.RecoveryTimeout = recovery;
            options.Retry.MaxAttempts = 1;
        });
        SystemClock.UtcNow = () => app.Clock.GetUtcNow().UtcDateTime;
        var oracle = Policy.Handle<TimeoutException>().CircuitBreakerAsync(threshold, recovery);
        var steps = new List<string> { $"Seed {seed}, threshold {threshold}, recovery {recovery}" };

        for (var step = 0; step < 40; step++)
        {
            switch (random.Next(12))
            {
                case < 7:
                    var fails = random.Next(3) > 0;
                    steps.Add(fails ? "failure" : "success");
                    var expected = await IsLetInAsync(call => oracle.ExecuteAsync(call), fails);
                    var actual = await IsLetInAsync(call => app.Pipeline.ExecuteAsync(async _ => await call()).AsTask(), fails);
                    Check(expected == actual, $"let in: {expected} in v7, {actual} here");
                    break;
                case < 10:
                    var time = TimeSpan.FromTicks((recovery.Ticks * random.Next(1, 5) / 4) + random.Next(-1, 2));
                    steps.Add($"advance {time}");
                    app.Clock.Advance(time);
                    break;
                case 10 when random.Next(3) == 0:
                    steps.Add("isolate");
                    oracle.Isolate();
                    app.Control.Isolate(TestPipelines.Name);
                    break;
                default:
                    steps.Add("reset");
                    oracle.Reset();
                    app.Control.Reset(TestPipelines.Name);
                    break;
            }

            var state = app.Snapshot.CircuitBreaker.State;
            met.Add(state);
            Check(state.ToString() == oracle.CircuitState.ToString(), $"state: {oracle.CircuitState} in v7, {state} here");
        }

        void Check(bool holds, string difference) => Assert.True(holds, $"{difference}\n{string.Join('\n', steps)}");
    }

    private static async Task<bool> IsLetInAsync(Func<Func<Task>, Task> execute, bool fails)
    {
        var isLetIn = false;
        var thrown = await Record.ExceptionAsync(() => execute(() =>
        {
            isLetIn = true;
            return fails ? Task.FromException(new TimeoutException()) : Task.CompletedTask;
        }));
        Assert.Equal(isLetIn && !fails, thrown is null);
        return isLetIn;
    }
}

/// <summary>The clock of Polly v7 is static: nothing else runs while a test moves it.</summary>
[CollectionDefinition(nameof(PollyClock), DisableParallelization = true)]
public static class PollyClock;
