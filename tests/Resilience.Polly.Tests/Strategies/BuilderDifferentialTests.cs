using System.Net;
using Polly;
using Polly.CircuitBreaker;
using Polly.RateLimiting;

namespace Resilience.Polly.Tests.Strategies;

/// <summary>The strategies for hand-built pipelines do, step by step, what the same strategy of a named pipeline does.</summary>
public class BuilderDifferentialTests
{
    private const int Runs = 200;

    [Fact]
    public async Task Circuit_breaker_behaves_as_that_of_a_named_pipeline()
    {
        for (var run = 0; run < Runs; run++)
        {
            var seed = Environment.TickCount + (run * 7919);
            var random = new Random(seed);
            var (threshold, recovery) = (random.Next(1, 4), TimeSpan.FromSeconds(random.Next(1, 5)));
            await using var app = Named(o => (o.CircuitBreaker.FailureThreshold, o.CircuitBreaker.RecoveryTimeout, o.Retry.MaxAttempts) = (threshold, recovery, 1));
            var built = new ResiliencePipelineBuilder { Name = "payments", TimeProvider = app.Clock }.AddConsecutiveCircuitBreaker(new() { FailureThreshold = threshold, BreakDuration = recovery }).Build();
            var held = new List<(HeldCall Named, HeldCall Built)>();
            for (var step = 0; step < 60; step++)
            {
                var place = $"seed {seed}, step {step}";
                switch (random.Next(6))
                {
                    case 0:
                        app.Clock.Advance(TimeSpan.FromSeconds(random.Next(1, 4)));
                        break;
                    case 1:
                        held.Add((new(app.Pipeline, heedsToken: true), new(built, heedsToken: true)));
                        break;
                    case 2 or 3 when held.Count > 0:
                        var (named, other) = held[random.Next(held.Count)];
                        held.Remove((named, other));
                        End(random.Next(), named, other);
                        Same(await named.FailureAsync(), await other.FailureAsync(), place);
                        break;
                    default:
                        var fate = random.Next(6);
                        Same((await app.Pipeline.OutcomeAsync(_ => Answer(fate))).Exception, (await built.OutcomeAsync(_ => Answer(fate))).Exception, place);
                        break;
                }
            }

            held.ForEach(pair => End(0, pair.Named, pair.Built));
        }
    }

    [Fact]
    public async Task Retry_behaves_as_that_of_a_named_pipeline()
    {
        for (var run = 0; run < Runs; run++)
        {
            var seed = Environment.TickCount + (run * 7919);
            var random = new Random(seed);
            var attempts = random.Next(1, 6);
            var budget = new RetryBudgetOptions { Enabled = random.Next(4) > 0, Ratio = random.NextDouble(), ReservePerSecond = random.Next(0, 2), Window = TimeSpan.FromSeconds(random.Next(1, 20)) };
            await using var app = Named(o =>
            {
                (o.Retry.MaxAttempts, o.Retry.MinWait, o.CircuitBreaker.Mode) = (attempts, TimeSpan.Zero, CircuitBreakerMode.Disabled);
                (o.Retry.Budget.Enabled, o.Retry.Budget.Ratio, o.Retry.Budget.ReservePerSecond, o.Retry.Budget.Window) = (budget.Enabled, budget.Ratio, budget.ReservePerSecond, budget.Window);
            });
            var built = new ResiliencePipelineBuilder { TimeProvider = app.Clock }.AddBudgetedRetry(new() { MaxRetryAttempts = attempts - 1, Delay = TimeSpan.Zero, Budget = budget }).Build();
            for (var step = 0; step < 40; step++)
            {
                var endings = Enumerable.Range(0, attempts).Select(_ => random.Next(7)).ToArray();
                var (named, other) = (await RunAsync(app.Pipeline, endings), await RunAsync(built, endings));
                Assert.True(named.Attempts == other.Attempts, $"seed {seed}, step {step}: {named.Attempts} attempts of the named pipeline, {other.Attempts} of the built one");
                Same(named.Exception, other.Exception, $"seed {seed}, step {step}");
                if (random.Next(3) == 0)
                {
                    app.Clock.Advance(TimeSpan.FromMilliseconds(random.Next(1, 3000)));
                }
            }
        }
    }

    [Fact]
    public async Task Bulkhead_behaves_as_that_of_a_named_pipeline()
    {
        for (var run = 0; run < Runs; run++)
        {
            var seed = Environment.TickCount + (run * 7919);
            var random = new Random(seed);
            var options = new BulkheadStrategyOptions { MaxConcurrency = random.Next(1, 4), AcquisitionTimeout = TimeSpan.FromSeconds(random.Next(0, 4)), MaxQueue = random.Next(2) == 0 ? null : random.Next(0, 4) };
            await using var app = Named(o =>
            {
                (o.Bulkhead.MaxConcurrency, o.Bulkhead.AcquisitionTimeout, o.Bulkhead.MaxQueue) = (options.MaxConcurrency, options.AcquisitionTimeout, options.MaxQueue);
            });
            var built = new ResiliencePipelineBuilder { Name = "payments", TimeProvider = app.Clock }.AddBulkhead(options).Build();
            var inside = new List<(HeldCall Named, HeldCall Built)>();
            var waiting = new List<(HeldCall Named, HeldCall Built, int Left)>();
            for (var step = 0; step < 40; step++)
            {
                var place = $"seed {seed}, step {step}";
                switch (random.Next(5))
                {
                    case 0 or 1:
                        var (named, other) = (new HeldCall(app.Pipeline), new HeldCall(built));
                        Assert.True((named.Attempts, named.Ended.IsCompleted) == (other.Attempts, other.Ended.IsCompleted), place);
                        if (named.Attempts == 1)
                        {
                            inside.Add((named, other));
                            await BothStartedAsync(named, other);
                        }
                        else if (named.Ended.IsCompleted)
                        {
                            Same(await named.FailureAsync(), await other.FailureAsync(), place);
                        }
                        else
                        {
                            waiting.Add((named, other, (int)options.AcquisitionTimeout.TotalSeconds));
                        }

                        break;
                    case 2 when inside.Count > 0:
                        var leaving = inside[random.Next(inside.Count)];
                        inside.Remove(leaving);
                        await leaving.Named.FinishAsync();
                        await leaving.Built.FinishAsync();
                        if (waiting.Count > 0)
                        {
                            var next = waiting[0];
                            waiting.RemoveAt(0);
                            await BothStartedAsync(next.Named, next.Built);
                            inside.Add((next.Named, next.Built));
                        }

                        break;
                    case 3 when waiting.Count > 0:
                        var givingUp = waiting[random.Next(waiting.Count)];
                        waiting.Remove(givingUp);
                        givingUp.Named.Cancel();
                        givingUp.Built.Cancel();
                        Same(await givingUp.Named.FailureAsync(), await givingUp.Built.FailureAsync(), place);
                        break;
                    case 4:
                        app.Clock.Advance(TimeSpan.FromSeconds(1));
                        waiting = [.. waiting.Select(each => each with { Left = each.Left - 1 })];
                        foreach (var late in waiting.Where(each => each.Left == 0).ToArray())
                        {
                            waiting.Remove(late);
                            Same(await late.Named.FailureAsync(), await late.Built.FailureAsync(), place);
                        }

                        break;
                }
            }

            foreach (var (named, other, _) in waiting)
            {
                named.Cancel();
                other.Cancel();
            }

            inside.ForEach(pair => End(0, pair.Named, pair.Built));
        }
    }

    private static TestPipelines Named(Action<PipelineOptions> configure) => TestPipelines.Of(o =>
    {
        (o.MapExceptions, o.Bulkhead.MaxConcurrency) = (false, 1000);
        o.Timeout.Read = TimeSpan.FromHours(1); // the built ones have no timeout
        configure(o);
    });

    private static async Task BothStartedAsync(HeldCall named, HeldCall built)
    {
        await named.AttemptStartedAsync();
        await built.AttemptStartedAsync();
    }

    private static async Task<(int Attempts, Exception? Exception)> RunAsync(ResiliencePipeline pipeline, int[] endings)
    {
        var attempts = 0;
        var outcome = await pipeline.OutcomeAsync(_ => Answer(endings[attempts++]));
        return (attempts, outcome.Exception);
    }

    private static void End(int how, params HeldCall[] calls)
    {
        foreach (var call in calls.Where(call => !call.Ended.IsCompleted))
        {
            switch (how % 3)
            {
                case 0:
                    call.Answer();
                    break;
                case 1:
                    call.Fail(new HttpRequestException());
                    break;
                default:
                    call.Cancel();
                    break;
            }
        }
    }

    private static ValueTask<int> Answer(int fate) => fate switch
    {
        0 => throw new HttpRequestException("unreachable"),
        1 => throw new HttpRequestException("500", null, HttpStatusCode.InternalServerError),
        2 => throw new HttpRequestException("404", null, HttpStatusCode.NotFound),
        3 => throw new RateLimiterRejectedException(),
        4 => throw new InvalidOperationException(),
        5 => throw new TimeoutException(),
        _ => new(1),
    };

    private static void Same(Exception? named, Exception? built, string place)
    {
        static string Text(Exception? exception) => exception switch
        {
            null => "answered",
            BrokenCircuitException broken => $"{broken.GetType().Name} {broken.RetryAfter} {broken.Message}",
            RateLimiterRejectedException { TelemetrySource: not null } full => $"{full.GetType().Name} {full.Message.Split(". ")[0]}",
            OperationCanceledException => "cancelled",
            _ => $"{exception.GetType().Name} {exception.Message}",
        };
        Assert.True(Text(named) == Text(built), $"{place}: the named pipeline gave '{Text(named)}', the built one '{Text(built)}'");
    }
}
