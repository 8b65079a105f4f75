using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Resilience.Polly.Tests.Bulkheads;

/// <summary>Windows, policies of one's own, reloads, and what is told.</summary>
public class AdaptiveLimitTests
{
    [Fact]
    public async Task Policy_is_asked_once_a_window_with_what_happened_in_it()
    {
        var policy = new Scripted(12);
        await using var app = App(policy);

        await app.WindowAsync(3);
        Assert.Empty(policy.Windows); // too few attempts: it goes on, and ends with the fourth
        await app.WindowAsync(5, milliseconds: 300, failures: 2);
        await app.WindowAsync(4);

        Assert.Equal(2, policy.Windows.Count);
        var window = policy.Windows[0];
        Assert.Equal((20, 20, 5, 100), (window.Limit, window.BaseLimit, window.MinLimit, window.MaxLimit));
        Assert.Equal((4, 1, 0.25), (window.Attempts, window.Failures, window.FailureRate));
        Assert.Equal(150, window.Latency.TotalMilliseconds, 0.001);
        Assert.Equal(2, window.Duration.TotalSeconds, 0.001);
        Assert.Equal(5, window.PeakInUse);
        Assert.Equal(12, policy.Windows[1].Limit);
    }

    [Fact]
    public async Task Rejected_and_cancelled_calls_are_in_no_window()
    {
        var policy = new Scripted(20);
        await using var app = App(policy, o => (o.MaxConcurrency, o.Adaptive.MinimumAttempts) = (20, 1));
        app.App.Clock.Advance(TimeSpan.FromSeconds(2));
        using var cancelled = new HeldCall(app.App.Pipeline, heedsToken: true);
        cancelled.Cancel();
        await cancelled.FailureAsync();
        using var before = new HeldCall(app.App.Pipeline, isCancelled: true);

        Assert.Empty(policy.Windows);
    }

    [Fact]
    public async Task Attempts_that_began_before_the_last_change_are_in_no_window()
    {
        var policy = new Scripted(12);
        await using var app = App(policy, o => (o.MaxConcurrency, o.Adaptive.MinimumAttempts) = (20, 4));
        HeldCall[] old = [.. Enumerable.Range(0, 8).Select(_ => new HeldCall(app.App.Pipeline))];
        await app.WindowAsync(4);
        Assert.Equal(12, app.Limit);

        // They take several windows, and all of them fail.
        foreach (var call in old)
        {
            app.App.Clock.Advance(TimeSpan.FromSeconds(1));
            call.Fail(new TimeoutException());
            await call.FailureAsync();
            call.Dispose();
        }

        Assert.Single(policy.Windows);
        await app.WindowAsync(4);
        Assert.Equal((4, 0), (policy.Windows[^1].Attempts, policy.Windows[^1].Failures));
    }

    [Fact]
    public async Task Change_is_told_to_listeners_and_shown_with_its_reason()
    {
        var heard = new List<LimitChangedEvent>();
        var listener = new Limits(heard.Add);
        await using var app = new AdaptiveApp(o => (o.Adaptive.Policy, o.Adaptive.MinimumAttempts) = (AdaptivePolicy.ErrorRate, 5), listener);

        await app.WindowAsync(5);
        await app.WindowAsync(5);

        var change = app.LastChange;
        Assert.Equal((20, 40, "0 % of 5 attempts failed"), (change!.From, change.To, change.Reason));
        await app.DisposeAsync();
        Assert.Equal(change, Assert.Single(heard));
    }

    [Theory]
    [InlineData(4)]
    [InlineData(101)]
    [InlineData(-1)]
    public async Task Policy_that_decides_on_a_forbidden_number_changes_nothing_and_is_logged_once(int limit)
    {
        var log = new LogRecorder("Resilience.Polly");
        await using var app = new TestPipelines(services => services
            .AddLogging(logging => logging.AddProvider(log))
            .AddResilience().AddPipeline("payments", o =>
            {
                o.Bulkhead.Adaptive.MinimumAttempts = 1;
                o.Bulkhead.Adaptive.Use(() => new Scripted(limit));
            }));
        for (var window = 0; window < 3; window++)
        {
            app.Clock.Advance(TimeSpan.FromSeconds(1));
            await new Dependency(Dependency.Answers(1)).ThroughAsync(app.Pipeline);
        }

        Assert.Equal(20, app.Snapshot.Bulkhead.Limit);
        Assert.Single(log.Lines, entry => entry.Contains("The policy for the slots of pipeline 'payments' failed", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Policy_that_throws_harms_no_call()
    {
        await using var app = App(new Scripted(() => throw new InvalidOperationException("broken")));

        Assert.Equal(20, await app.WindowAsync(10));
    }

    [Fact]
    public async Task Reload_of_other_settings_keeps_the_slots_and_one_of_the_bulkhead_begins_anew()
    {
        var live = new LiveJson(Content("00:00:00", 20));
        await using var app = new TestPipelines(services => services.AddResilience(live.Section));
        var pipeline = app.Pipeline;
        app.Clock.Advance(TimeSpan.FromSeconds(1));
        await new Dependency(Dependency.Answers(1)).ThroughAsync(pipeline);
        Assert.Equal(40, app.Snapshot.Bulkhead.Limit);

        live.Change(Content("00:00:05", 20));
        Assert.Equal(40, app.Snapshot.Bulkhead.Limit);
        live.Change(Content("00:00:05", 30));

        Assert.Equal(30, app.Snapshot.Bulkhead.Limit);
        Assert.Null(app.Snapshot.Bulkhead.LastLimitChange);
        live.Change("""{ "Pipelines": { "payments": { "Bulkhead": { "MaxConcurrency": 7 } } } }""");
        Assert.Equal(7, app.Snapshot.Bulkhead.Limit);
    }

    [Theory]
    [InlineData(4, "MaxConcurrency")]
    [InlineData(101, "MaxConcurrency")]
    public void Slots_outside_the_limits_are_refused_with_both(int slots, string setting)
    {
        var fault = Assert.Throws<ResilienceConfigurationException>(() => TestPipelines.Of(o => (o.Bulkhead.MaxConcurrency, o.Bulkhead.Adaptive.Policy) = (slots, AdaptivePolicy.Gradient)).Pipeline);

        Assert.Contains(
            $"payments:Bulkhead:{setting} = {slots}: is where adaptive slots begin, and not between Adaptive:MinLimit, which is 5, and Adaptive:MaxLimit, which is 100",
            fault.Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task Policy_of_ones_own_is_inherited()
    {
        await using var app = new TestPipelines(services => services
            .AddResilience()
            .AddPipeline("common", o =>
            {
                o.Bulkhead.Adaptive.MinimumAttempts = 1;
                o.Bulkhead.Adaptive.Use(() => new Scripted(7));
            })
            .AddPipeline("payments", basedOn: "common"));
        var pipeline = app.Pipeline;
        app.Clock.Advance(TimeSpan.FromSeconds(1));

        await new Dependency(Dependency.Answers(1)).ThroughAsync(pipeline);

        Assert.Equal(7, app.Snapshot.Bulkhead.Limit);
    }

    [Fact]
    public async Task Use_factory_gives_each_pipeline_a_policy_and_a_new_one_after_a_change_only()
    {
        var live = new LiveJson("""{ "Pipelines": { "other": { }, "payments": { "Bulkhead": { "MaxConcurrency": 20, "AcquisitionTimeout": "00:00:01" } } } }""");
        var made = 0;
        Func<IConcurrencyLimitPolicy> create = () => new Scripted(10 + Interlocked.Increment(ref made));
        await using var app = new TestPipelines(services => services.AddResilience(live.Section)
            .AddPipeline("payments", Adapt)
            .AddPipeline("other", Adapt));

        Assert.Equal(11, await LimitAfterWindowAsync("payments"));
        Assert.Equal(12, await LimitAfterWindowAsync("other"));
        Assert.Equal(11, await LimitAfterWindowAsync("payments"));
        live.Change("""{ "Pipelines": { "other": { }, "payments": { "Bulkhead": { "MaxConcurrency": 20, "AcquisitionTimeout": "00:00:02" } } } }""");
        Assert.Equal(11, await LimitAfterWindowAsync("payments"));
        live.Change("""{ "Pipelines": { "other": { }, "payments": { "Bulkhead": { "MaxConcurrency": 30, "AcquisitionTimeout": "00:00:02" } } } }""");
        Assert.Equal(13, await LimitAfterWindowAsync("payments"));
        Assert.Equal(12, await LimitAfterWindowAsync("other"));

        void Adapt(PipelineOptions o)
        {
            o.Bulkhead.Adaptive.MinimumAttempts = 1;
            o.Bulkhead.Adaptive.Use(create);
        }

        async Task<int> LimitAfterWindowAsync(string name)
        {
            var pipeline = app.Provider.GetPipeline(name);
            app.Clock.Advance(TimeSpan.FromSeconds(2));
            await new Dependency(Dependency.Answers(1)).ThroughAsync(pipeline);
            return app.Monitor.GetSnapshot(name).Bulkhead.Limit;
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Use_factory_that_throws_or_gives_null_leaves_the_slots_until_it_gives_a_policy(bool throws)
    {
        var isWell = false;
        await using var app = new AdaptiveApp(o =>
        {
            o.Adaptive.MinimumAttempts = 4;
            o.Adaptive.Use(() => isWell ? new Scripted(7) : throws ? throw new InvalidOperationException("my bug") : null!);
        });

        Assert.Equal(20, await app.WindowAsync(4));
        isWell = true;
        Assert.Equal(7, await app.WindowAsync(4));
    }

    [Fact]
    public async Task Summary_names_policy_and_limits()
    {
        await using var app = TestPipelines.Of(o => o.Bulkhead.Adaptive.Policy = AdaptivePolicy.Gradient);

        Assert.Contains("bulkhead 20 (5 s, Gradient 5-100)", app.Snapshot.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Slots_are_neither_lost_nor_exceeded_while_the_limit_moves_under_load()
    {
        var seed = Random.Shared.Next();
        TestContext.Current.TestOutputHelper?.WriteLine($"seed {seed}");
        var policy = new Wild(seed);
        await using var app = TestPipelines.Of(
            o =>
            {
                (o.Bulkhead.MaxConcurrency, o.Bulkhead.AcquisitionTimeout, o.Retry.MaxAttempts) = (5, TimeSpan.FromDays(1), 1);
                o.Timeout.Attempt = TimeSpan.FromDays(1); // the clock runs ahead of the calls
                (o.Bulkhead.Adaptive.Interval, o.Bulkhead.Adaptive.MinimumAttempts) = (TimeSpan.FromMilliseconds(100), 1);
                o.Bulkhead.Adaptive.Use(() => policy);
            });
        var (inside, most, calls) = (0, 0, 0);
        var pipeline = app.Pipeline;
        var workers = Task.WhenAll(Enumerable.Range(0, 20).Select(_ => Task.Run(async () =>
        {
            // On a busy machine the clock may move less often.
            for (var call = 0; call < 1_000 || policy.Asked <= 10; call++)
            {
                Interlocked.Increment(ref calls);
                await pipeline.ExecuteAsync(async _ =>
                {
                    InterlockedMax.Set(ref most, Interlocked.Increment(ref inside));
                    await Task.Yield();
                    Interlocked.Decrement(ref inside);
                });
            }
        })));
        while (!workers.IsCompleted)
        {
            app.Clock.Advance(TimeSpan.FromMilliseconds(100));
            await Task.Yield();
        }

        await workers;
        Assert.InRange(most, 1, 20);
        Assert.Equal((0, 0), (app.Snapshot.Bulkhead.InUse, app.Snapshot.Bulkhead.Waiting));
        Assert.Equal(calls, app.Snapshot.Lifetime.Succeeded);
    }

    private static AdaptiveApp App(IConcurrencyLimitPolicy policy, Action<BulkheadOptions>? more = null) => new(o =>
    {
        o.Adaptive.MinimumAttempts = 4;
        o.Adaptive.Use(() => policy);
        more?.Invoke(o);
    });

    private static string Content(string acquisitionTimeout, int slots) => $$"""
        { "Pipelines": { "payments": { "Bulkhead": {
            "AcquisitionTimeout": "{{acquisitionTimeout}}", "MaxConcurrency": {{slots}}, "Adaptive": { "Policy": "ErrorRate", "MinimumAttempts": 1 } } } } }
        """;

    private sealed class Limits(Action<LimitChangedEvent> hear) : IResilienceListener
    {
        public void OnEvent(PipelineEvent e)
        {
            if (e is LimitChangedEvent change)
            {
                hear(change);
            }
        }
    }

    private sealed class Scripted(Func<int> limit) : IConcurrencyLimitPolicy
    {
        public Scripted(int limit)
            : this(() => limit)
        {
        }

        public List<ConcurrencyWindow> Windows { get; } = [];

        public ConcurrencyDecision Decide(ConcurrencyWindow window)
        {
            Windows.Add(window);
            return new(limit(), "because");
        }
    }

    private sealed class Wild(int seed) : IConcurrencyLimitPolicy
    {
        private readonly Random _random = new(seed);
        private int _asked;

        public int Asked => Volatile.Read(ref _asked);

        public ConcurrencyDecision Decide(ConcurrencyWindow window)
        {
            Interlocked.Increment(ref _asked);
            return new(_random.Next(5, 21), "wild");
        }
    }
}
