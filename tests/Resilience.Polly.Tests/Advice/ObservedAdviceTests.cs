using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Polly;
using Polly.CircuitBreaker;
using Polly.Registry;
using Resilience.Polly.Simulations;
using static Resilience.Polly.TestKit.Dependency;

namespace Resilience.Polly.Tests.AdviceOnSettings;

/// <summary>Advice from the calls of the last minute: what it says is what a simulation of the same calls does.</summary>
public class ObservedAdviceTests
{
    private readonly int _seed = Random.Shared.Next(1_000_000_000);

    [Theory]
    [InlineData(0.3, 500)]
    [InlineData(0.3, 50)]
    [InlineData(0.2, 500)]
    public async Task Circuit_opens_by_chance_as_often_as_the_advice_says(double share, double rate)
    {
        // For the time until it opens, a circuit that opens for a moment only.
        var run = await RunAsync(share, rate, minutes: 6, o =>
        {
            (o.Retry.MaxAttempts, o.Bulkhead.MaxConcurrency) = (1, 1_000);
            o.CircuitBreaker.RecoveryTimeout = TimeSpan.FromMilliseconds(10);
        }, milliseconds: 1);
        var advice = Assert.Single(run.Advice, one => one.Id == "circuit-opens-by-chance");
        Assert.Equal(("CircuitBreaker:FailureThreshold", "5", AdviceSeverity.Warning, true), (advice.Setting, advice.Value, advice.Severity, advice.IsObserved));

        var expected = (1 - Math.Pow(share, 5)) / (Math.Pow(share, 5) * (1 - share)) / rate;
        var said = Seconds(advice.What[(advice.What.IndexOf("about every ", StringComparison.Ordinal) + "about every ".Length)..^1]);
        var room = rate < 100 ? 2.5 : 1.6; // the share of a minute varies, and more with fewer calls; its fifth power varies five times as much
        Assert.True(said / expected < room && expected / said < room, $"seed {_seed}: {advice.What}, expected {expected:0.##} s");
        var happened = run.SecondsClosed / run.Opened;
        Assert.True(Math.Abs(happened - expected) < expected * (0.05 + (4 / Math.Sqrt(run.Opened))), $"seed {_seed}: opened {run.Opened} times, every {happened:0.##} s, expected {expected:0.##} s");
    }

    [Fact]
    public async Task Advice_on_chance_says_rate_and_share_and_what_to_use()
    {
        // With breaks of 5 s, the last minute has several openings whatever the seed.
        var run = await RunAsync(0.3, 500, minutes: 3, o => (o.Retry.MaxAttempts, o.Bulkhead.MaxConcurrency, o.CircuitBreaker.RecoveryTimeout) = (1, 1_000, TimeSpan.FromSeconds(5)));
        var advice = Assert.Single(run.Advice);
        Assert.Matches("^At (4[0-9]|5[0-9])0 calls/s of which [1-5][0-9] % fail, 5 failures in a row come by chance about every [0-9.]+ m?s\\.$", advice.What);
        Assert.StartsWith("no FailureThreshold, and a FailureRatio of ", advice.Suggestion, StringComparison.Ordinal);

        var mended = await RunAsync(0.3, 500, minutes: 3, o =>
        {
            (o.Retry.MaxAttempts, o.Bulkhead.MaxConcurrency) = (1, 1_000);
            (o.CircuitBreaker.FailureThreshold, o.CircuitBreaker.FailureRatio) = (null, 0.6);
        });
        Assert.Empty(mended.Advice);
        Assert.Equal(0, mended.Opened);
        Assert.True(mended.Good > 0.65 && run.Good < 0.3, $"seed {_seed}: good calls {mended.Good:P0} with a ratio, {run.Good:P0} with failures in a row");
    }

    [Fact]
    public async Task Slots_needed_are_those_that_the_calls_use_where_there_are_enough()
    {
        // No call waits for a slot: one that gets it in line goes on on another thread, while the time of the simulation goes on.
        static void Retries(PipelineOptions o) => (o.CircuitBreaker.Mode, o.Bulkhead.AcquisitionTimeout) = (CircuitBreakerMode.Disabled, TimeSpan.Zero);
        var few = await RunAsync(0.3, 50, minutes: 4, Retries);
        var advice = Assert.Single(few.Advice);
        Assert.Equal(("too-few-slots", "Bulkhead:MaxConcurrency", "20", true), (advice.Id, advice.Setting, advice.Value, advice.IsObserved));
        Assert.Matches("^The calls of the last minute need about [0-9]+ slots; 20 are there, and [0-9]+ % of the calls found none\\.$", advice.What);
        Assert.StartsWith("Calls that wait for a retry hold about ", advice.Why, StringComparison.Ordinal);
        Assert.StartsWith("HoldWhileWaiting = false with at least ", advice.Suggestion, StringComparison.Ordinal);
        var said = int.Parse(advice.What.Split(' ')[8], System.Globalization.CultureInfo.InvariantCulture);

        var enough = await RunAsync(0.3, 50, minutes: 4, o =>
        {
            Retries(o);
            o.Bulkhead.MaxConcurrency = 1_000;
        });
        Assert.Empty(enough.Advice);
        Assert.True(Math.Abs(said - enough.SlotsInUse) < 0.2 * enough.SlotsInUse, $"seed {_seed}: {advice.What} With enough slots {enough.SlotsInUse:0.#} are in use");
        Assert.InRange(enough.SlotsInUse, 35, 51); // 50/s x (1.39 x 0.1 s + 0.3 x 1.5 s + 0.09 x 3 s) = 43

        var paused = await RunAsync(0.3, 50, minutes: 4, o =>
        {
            Retries(o);
            o.Bulkhead.HoldWhileWaiting = false;
        });
        Assert.Empty(paused.Advice);
        Assert.True(paused.Good > 0.9 && few.Good < paused.Good - 0.2, $"seed {_seed}: good calls {few.Good:P0} where slots are held, {paused.Good:P0} where not");
    }

    [Fact]
    public async Task Healthy_calls_and_an_outage_earn_no_advice()
    {
        Assert.Empty((await RunAsync(0.001, 500, minutes: 3, o => o.Bulkhead.MaxConcurrency = 1_000)).Advice);
        Assert.Empty((await RunAsync(1, 500, minutes: 3, o => o.Bulkhead.MaxConcurrency = 1_000)).Advice);
    }

    [Fact]
    public async Task Advice_is_logged_once_and_again_only_after_it_was_gone()
    {
        var log = new LogRecorder();
        await using var app = new TestPipelines(services => services
            .AddLogging(logging => logging.AddProvider(log))
            .AddResilience().AddPipeline(TestPipelines.Name, o => (o.Retry.MaxAttempts, o.CircuitBreaker.FailureThreshold, o.CircuitBreaker.RecoveryTimeout) = (1, 2, TimeSpan.FromMilliseconds(10))));
        await app.StartAsync();
        var advisor = app.Services.GetRequiredService<IResilienceAdvisor>();
        Assert.Empty(advisor.GetObservedAdvice());
        var (seconds, random) = (0, new Random(_seed));

        await CallAsync(60);
        var first = Assert.Single(advisor.GetObservedAdvice());
        Assert.Contains(first, advisor.GetAdvice());
        Assert.Equal([first], advisor.GetAdvice("PAYMENTS").Where(advice => advice.IsObserved));
        await CallAsync(60);
        Assert.Same(first, Assert.Single(advisor.GetObservedAdvice()));
        Assert.Single(Earned());

        app.Pass(180);
        Assert.Empty(advisor.GetObservedAdvice());
        Assert.DoesNotContain(advisor.GetAdvice(), advice => advice.IsObserved);
        await CallAsync(60);
        Assert.Equal(2, Earned().Length);
        Assert.Contains($"Warning: Advice: {first.Severity} circuit-opens-by-chance: pipeline 'payments', CircuitBreaker:FailureThreshold = 2.", Earned()[0], StringComparison.Ordinal);

        string[] Earned() => [.. log.Lines.Where(line => line.Contains("circuit-opens-by-chance", StringComparison.Ordinal))];

        async Task CallAsync(int more)
        {
            for (var end = seconds + more; seconds < end; seconds++)
            {
                for (var call = 0; call < 10; call++)
                {
                    await new Dependency(random.Next(10) < 3 ? Fails() : Answers(1)).ThroughAsync(app.Pipeline);
                }

                app.Clock.Advance(TimeSpan.FromSeconds(1));
            }
        }
    }

    private static double Seconds(string text) => text.Split(' ') is [var number, var unit]
        ? double.Parse(number, System.Globalization.CultureInfo.InvariantCulture) / (unit == "ms" ? 1_000 : 1)
        : throw new FormatException(text);

    /// <summary>Calls at random times, each attempt of which takes some time and fails by chance, while the host runs.</summary>
    private Task<Run> RunAsync(double share, double rate, int minutes, Action<PipelineOptions> configure, int milliseconds = 100) => Task.Run(() =>
    {
        var (time, random) = (new VirtualTime(), new Random(_seed));
        using var app = new ServiceCollection().AddSingleton<TimeProvider>(time).AddResilience().AddPipeline(TestPipelines.Name, o =>
        {
            o.Retry.Budget.Enabled = false;
            configure(o);
        }).Services.BuildServiceProvider();
        foreach (var service in app.GetServices<IHostedService>())
        {
            service.StartAsync(CancellationToken.None).GetAwaiter().GetResult();
        }

        var (monitor, advisor) = (app.GetRequiredService<IResilienceMonitor>(), app.GetRequiredService<IResilienceAdvisor>());
        var traffic = new Traffic(time, random, _ => rate, app.GetRequiredService<ResiliencePipelineProvider<string>>().GetPipeline(TestPipelines.Name), async token =>
        {
            await Task.Delay(TimeSpan.FromMilliseconds(milliseconds), time, token).ConfigureAwait(false);
            lock (random)
            {
                return random.NextDouble() < share ? Outcome.FromException<bool>(new HttpRequestException()) : Outcome.FromResult(true);
            }
        });
        traffic.Begin();
        var (opened, inUse, closed, samples) = (0, 0.0, 0, 0);
        CircuitStateChangedEvent? last = null;
        for (var step = 1; step <= minutes * 60 * 100; step++)
        {
            time.RunUntil(TimeSpan.FromMilliseconds(10 * step));
            var snapshot = monitor.GetSnapshot(TestPipelines.Name);
            closed += snapshot.CircuitBreaker.State == CircuitState.Closed ? 1 : 0;
            if (snapshot.CircuitBreaker.LastTransition is { From: CircuitState.Closed } transition && !ReferenceEquals(transition, last))
            {
                (opened, last) = (opened + 1, transition);
            }

            inUse += snapshot.Bulkhead.InUse;
            samples++;
        }

        var calls = monitor.GetSnapshot(TestPipelines.Name).Lifetime;
        return new Run(advisor.GetObservedAdvice(), opened, closed * 0.01, inUse / samples, (double)calls.Succeeded / calls.Total);
    });

    private sealed record Run(IReadOnlyList<Advice> Advice, int Opened, double SecondsClosed, double SlotsInUse, double Good);
}
