using Polly;
using Polly.CircuitBreaker;

namespace Resilience.Polly.Tests.CircuitBreakers;

/// <summary>Step by step the same as Polly's breaker that goes by a ratio of failures, in a pipeline beside ours and on the same clock.</summary>
/// <remarks>
/// Left out, because ours differs on purpose: overlapping calls; exceptions that Polly's does not handle; a reset while a probe is under way. Time moves by
/// whole parts of the window, since Polly's parts begin with the first call in them, and ours follow one another.
/// </remarks>
public class CircuitRatioOracleTests
{
    private const int Sequences = 2_000;

    [Fact]
    public async Task Circuit_random_sequences_of_single_calls_equals_the_ratio_breaker_of_Polly()
    {
        var met = new HashSet<CircuitState>();
        for (var seed = 0; seed < Sequences; seed++)
        {
            await CompareAsync(seed, met);
        }

        Assert.Equal(4, met.Count);
    }

    private static async Task CompareAsync(int seed, HashSet<CircuitState> met)
    {
        var random = new Random(seed);
        var part = TimeSpan.FromMilliseconds(random.Next(100, 3_000));
        var (ratio, throughput, recovery) = (random.Next(1, 11) / 10.0, random.Next(2, 8), part * random.Next(10, 40));
        await using var app = TestPipelines.Of(options =>
        {
            options.CircuitBreaker = new()
            {
                FailureThreshold = null, FailureRatio = ratio, MinimumThroughput = throughput, SamplingDuration = part * 10, RecoveryTimeout = recovery,
            };
            options.Retry.MaxAttempts = 1;
        });
        var control = new CircuitBreakerManualControl();
        var state = new CircuitBreakerStateProvider();
        var oracle = new ResiliencePipelineBuilder { TimeProvider = app.Clock }
            .AddCircuitBreaker(new()
            {
                FailureRatio = ratio, MinimumThroughput = throughput, SamplingDuration = part * 10, BreakDuration = recovery, ManualControl = control, StateProvider = state,
                ShouldHandle = new PredicateBuilder().Handle<TimeoutException>(),
            })
            .Build();
        var steps = new List<string> { $"Seed {seed}, ratio {ratio} of {throughput} in {part * 10}, recovery {recovery}" };

        for (var step = 0; step < 60; step++)
        {
            switch (random.Next(20))
            {
                case < 13:
                    var fails = random.Next(2) > 0;
                    steps.Add(fails ? "failure" : "success");
                    var expected = await IsLetInAsync(oracle, fails);
                    var actual = await IsLetInAsync(app.Pipeline, fails);
                    Check(expected == actual, $"let in: {expected} by Polly, {actual} here");
                    break;
                case < 17:
                    var time = part * random.Next(1, 12);
                    steps.Add($"advance {time}");
                    app.Clock.Advance(time);
                    break;
                case 17:
                    steps.Add("recovery");
                    app.Clock.Advance(recovery);
                    break;
                case 18 when random.Next(3) == 0:
                    steps.Add("isolate");
                    await control.IsolateAsync();
                    app.Control.Isolate(TestPipelines.Name);
                    break;
                default:
                    steps.Add("reset");
                    await control.CloseAsync();
                    app.Control.Reset(TestPipelines.Name);
                    break;
            }

            // Polly's turns half-open with the call that probes, ours when its time is over.
            var ours = app.Snapshot.CircuitBreaker;
            met.Add(ours.State);
            Check(ours.State == state.CircuitState || (ours.State == CircuitState.HalfOpen && state.CircuitState == CircuitState.Open), $"state: {state.CircuitState} by Polly, {ours.State} here");
        }

        void Check(bool holds, string difference) => Assert.True(holds, $"{difference}\n{string.Join('\n', steps)}");
    }

    private static async Task<bool> IsLetInAsync(ResiliencePipeline pipeline, bool fails)
    {
        var isLetIn = false;
        await Record.ExceptionAsync(async () => await pipeline.ExecuteAsync(_ =>
        {
            isLetIn = true;
            return fails ? throw new TimeoutException() : default;
        }));
        return isLetIn;
    }
}
