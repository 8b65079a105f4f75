using System.Collections.Concurrent;
using System.Net.Sockets;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Moq;
using Resilience.Polly.Tests.Partitions;
using Resilience.Polly.Tests.Queues;
using Resilience.Polly.Tests.SharedState;

namespace Resilience.Polly.Tests.Monitoring;

/// <summary>Every event of the log can come about, and says what it should.</summary>
public sealed class LogTests : IDisposable
{
    private readonly LogRecorder _log = new();

    [Fact]
    public async Task Every_event_can_be_provoked_at_its_level()
    {
        var seen = new ConcurrentDictionary<int, LogLevel>();
        foreach (var provoke in new Func<Task<LogRecorder>>[] { ReloadAsync, ListenersAsync, CircuitAsync, RatioAsync, SlotsAsync, LoadAsync, LookAsync, QueueAsync, GatherAsync, PartitionsAsync, SharedAsync, IdempotencyAsync })
        {
            foreach (var (id, level) in (await provoke()).Events)
            {
                seen[id] = level;
            }
        }

        var all = LoggedEvents.Of(typeof(PipelineOptions).Assembly);
        Assert.Equal(all.OrderBy(one => one.Key), seen.OrderBy(one => one.Key));
    }

    [Fact]
    public async Task Circuit_is_logged_as_the_guides_monitor_logs_it_and_an_alert_that_is_over_in_the_past()
    {
        await CircuitAsync();

        Assert.Equal(
            [
                "Warning: The circuit of pipeline 'payments' opened with 2 failures in a row (threshold 2): 2 failures in a row, the last: SocketException (ConnectionRefused)",
                "Warning: Alert: payments: the circuit is Open: 2 failures in a row, the last: SocketException (ConnectionRefused)",
                "Information: The circuit of pipeline 'payments' is half-open and tests whether the dependency has recovered: 30 s are over, one call may probe",
                "Information: The circuit of pipeline 'payments' closed again: the probe succeeded",
                "Information: Alert is over: payments: the circuit was Open: 2 failures in a row, the last: SocketException (ConnectionRefused)",
                "Warning: The circuit of pipeline 'payments' rejects all calls: isolated by hand",
                "Information: The circuit of pipeline 'payments' closed again: reset by hand",
            ],
            _log.Lines.Where(line => !line.Contains(": Pipeline payments", StringComparison.Ordinal) && !line.Contains("Advice", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task Degraded_scatter_gather_and_its_parts_are_logged_and_a_good_one_is_not()
    {
        await GatherAsync();

        Assert.Equal(
            [
                "Information: Part 'offers' of a scatter-gather failed, its fallback gave the value: SocketException (ConnectionRefused)",
                "Warning: Part 'late' of a scatter-gather failed and is missing: Part 'late' did not answer within 2 s, the deadline of all parts.",
                "Warning: A scatter-gather is degraded, 2 of 3 parts: offers, late",
            ],
            _log.Lines);
    }

    public void Dispose() => _log.Dispose();

    private async Task<LogRecorder> ReloadAsync()
    {
        var live = new LiveJson("""
            {
              "Pipelines": {
                "a": { "CircuitBreaker": { "Mode": "Observe" } }, "b": { "CircuitBreaker": { "Mode": "Disabled" } }, "c": { "CircuitBreaker": { "FailureThreshold": 1 } },
                "d": { "Chaos": { "Enabled": true, "AllowInProduction": true, "FaultRate": 0.5 } }
              },
              "Queues": { "q": {}, "r": {} }
            }
            """);
        await using var app = new TestPipelines(services =>
        {
            services.AddLogging(logging => logging.AddProvider(_log));
            services.AddResilience(live.Section);
        });
        await app.StartAsync();
        app.Services.GetRequiredService<RequestQueueProvider>().GetQueue("q");
        app.Services.GetRequiredService<RequestQueueProvider>().GetQueue("r");
        using var watch = app.Services.GetRequiredService<IOptionsMonitor<PipelineOptions>>().OnChange((_, _) => throw new InvalidOperationException("broken"));
        live.Change("""{ "Pipelines": { "a": { "Retry": { "MaxAttempts": 2 } } }, "Queues": { "q": { "Workers": 2 } } }""");
        live.Change("""{ "Pipelines": { "a": { "Retry": { "MaxAttempts": 0 } } } }""");
        return _log;
    }

    private async Task<LogRecorder> ListenersAsync()
    {
        using var release = new ManualResetEventSlim();
        await using var app = new TestPipelines(services =>
        {
            services.AddLogging(logging => logging.AddProvider(_log));
            services.AddResilience().AddPipeline(TestPipelines.Name).AddListener(new SlowThenBroken(release));
        });
        _ = app.Pipeline;
        for (var i = 0; i < 5_100; i++)
        {
            app.Control.Isolate(TestPipelines.Name);
            app.Control.Reset(TestPipelines.Name);
        }

        release.Set();
        await QueueApp.WaitAsync(() => _log.Events.ContainsKey(5) && _log.Events.ContainsKey(7), () => "The listener heard nothing.");
        return _log;
    }

    private async Task<LogRecorder> CircuitAsync()
    {
        await using var app = new TestPipelines(services =>
        {
            services.AddLogging(logging => logging.AddProvider(_log));
            services.AddResilience().AddPipeline(TestPipelines.Name, o => (o.CircuitBreaker.FailureThreshold, o.Retry.MaxAttempts) = (2, 1));
        });
        _ = app.Pipeline;
        await app.StartAsync();
        await new Dependency(Dependency.Fails()).ThroughAsync(app.Pipeline);
        await new Dependency(Dependency.Fails()).ThroughAsync(app.Pipeline);
        app.Pass(30);
        await new Dependency(Dependency.Answers(1)).ThroughAsync(app.Pipeline);
        app.Pass(1);
        app.Control.Isolate(TestPipelines.Name);
        app.Control.Reset(TestPipelines.Name);
        return _log;
    }

    private async Task<LogRecorder> RatioAsync()
    {
        await using var app = new TestPipelines(services =>
        {
            services.AddLogging(logging => logging.AddProvider(_log));
            services.AddResilience().AddPipeline(TestPipelines.Name, o =>
            {
                (o.CircuitBreaker.FailureThreshold, o.CircuitBreaker.FailureRatio, o.CircuitBreaker.MinimumThroughput) = (null, 0.5, 2);
                o.Retry.MaxAttempts = 1;
            });
        });
        await new Dependency(Dependency.Answers(1)).ThroughAsync(app.Pipeline);
        await new Dependency(Dependency.Fails()).ThroughAsync(app.Pipeline);
        return _log;
    }

    private async Task<LogRecorder> SharedAsync()
    {
        await using (var app = new SharedApp(1, options => options.CircuitBreaker.Shared = true))
        {
            await app.StartAsync();
            app[0].Control.Isolate(TestPipelines.Name);
            await SharedApp.UntilAsync(() => app.Log.Events.ContainsKey(48));
            foreach (var (id, level) in app.Log.Events)
            {
                _log.Log(level, id, "", null, (text, _) => text);
            }
        }

        var broken = new Mock<ISharedCircuitStore>();
        broken.Setup(store => store.SyncAsync(It.IsAny<string>(), It.IsAny<SharedCircuitChange>(), It.IsAny<CancellationToken>())).Throws<InvalidOperationException>();
        broken.Setup(store => store.Subscribe(It.IsAny<Action<string, SharedCircuit>>())).Returns(Mock.Of<IDisposable>());
        await using var bad = new TestPipelines(services =>
        {
            services.AddLogging(logging => logging.AddProvider(_log));
            services.AddResilience().AddSharedState(new()).AddPipeline(TestPipelines.Name, options => options.CircuitBreaker.Shared = true);
            services.AddSingleton(broken.Object);
        });
        _ = bad.Pipeline;
        await SharedApp.UntilAsync(() => _log.Events.ContainsKey(49));
        return _log;
    }

    private static async Task<LogRecorder> IdempotencyAsync()
    {
        var log = new LogRecorder("Resilience.Polly.InMemoryIdempotencyStore");
        using var loggers = LoggerFactory.Create(logging => logging.AddProvider(log));
        var store = new InMemoryIdempotencyStore(maxEntries: 1, logger: loggers.CreateLogger<InMemoryIdempotencyStore>());
        foreach (var key in new[] { "a", "b" })
        {
            await store.ClaimAsync(key, new() { Owner = key, Fingerprint = new byte[32], Lease = TimeSpan.FromMinutes(1), Retention = TimeSpan.FromHours(1) });
            await store.CompleteAsync(key, key, new byte[1], TimeSpan.FromHours(1));
        }

        return log;
    }

    private async Task<LogRecorder> SlotsAsync()
    {
        await using var app = new TestPipelines(services =>
        {
            services.AddLogging(logging => logging.AddProvider(_log));
            services.AddResilience().AddPipeline(TestPipelines.Name, o =>
            {
                o.Bulkhead.Adaptive.MinimumAttempts = 1;
                o.Bulkhead.Adaptive.Use(() => new Decides(10, -1));
            });
        });
        for (var window = 0; window < 4; window++)
        {
            app.Clock.Advance(TimeSpan.FromSeconds(1));
            await new Dependency(Dependency.Answers(1)).ThroughAsync(app.Pipeline);
        }

        return _log;
    }

    private async Task<LogRecorder> LoadAsync()
    {
        var load = new FakeLoad();
        await using var app = new TestPipelines(services =>
        {
            services.AddLogging(logging => logging.AddProvider(_log));
            services.AddSingleton<ILoadReader>(load);
            services.AddResilience().AddLoadShedding().AddPipeline(TestPipelines.Name, o => o.LoadShedding.Enabled = true);
        });
        _ = app.Pipeline;
        await app.StartAsync();
        load.Set(1, 1);
        app.Pass(1);
        load.Break();
        app.Pass(1);
        return _log;
    }

    private async Task<LogRecorder> LookAsync()
    {
        await using var app = new TestPipelines(services =>
        {
            services.AddLogging(logging => logging.AddProvider(_log).AddProvider(new BrokenLog(8)));
            services.AddResilience().AddPipeline(TestPipelines.Name);
        });
        app.Control.Isolate(TestPipelines.Name);
        await app.StartAsync();
        app.Pass(1);
        return _log;
    }

    private async Task<LogRecorder> PartitionsAsync()
    {
        await using var app = new TestPipelines(services =>
        {
            services.AddLogging(logging => logging.AddProvider(_log));
            services.AddResilience().AddPipeline(TestPipelines.Name, options =>
            {
                (options.PartitionBy, options.MaxPartitions, options.MaxOpenShare) = (PartitionBy.Key, 4, 0);
                (options.CircuitBreaker.FailureThreshold, options.Retry.MaxAttempts) = (1, 1);
            }).AddPipeline("tenants/*", options => options.MaxPartitions = 1);
        });
        foreach (var key in new[] { "a", "b", "c", "d", "e" })
        {
            PartitionedApp.Call(app.Pipeline, key);
        }

        PartitionedApp.Call(app.Pipeline, "a", fails: true);
        app.Provider.GetPipeline("tenants/1");
        app.Provider.GetPipeline("tenants/2");
        return _log;
    }

    private static async Task<LogRecorder> QueueAsync()
    {
        await using var app = await QueueApp.StartedAsync(o => o.Workers = 1);
        var item = new HeldItem().EnqueueTo(app.Queue);
        await QueueApp.WaitAsync(() => item.IsInWork, () => app.Now.ToString());
        item.MeetSaturation();
        await app.UntilAsync(now => now.PausedWorkers == 1);
        var stopping = app.StopAsync();
        await QueueApp.WaitAsync(
            () =>
            {
                app.Clock.Advance(TimeSpan.FromSeconds(1));
                return stopping.IsCompleted;
            },
            () => app.Now.ToString());
        await stopping;
        Assert.IsType<QueueShutdownException>(await item.FailureAsync());
        return app.Log;
    }

    private async Task<LogRecorder> GatherAsync()
    {
        await using var app = new TestPipelines(services =>
        {
            services.AddLogging(logging => logging.AddProvider(_log));
            services.AddResilience();
        });
        var good = app.Services.GetRequiredService<ScatterGather>();
        good.Add("good", _ => new ValueTask<int>(1));
        await good.RunAsync(TimeSpan.FromSeconds(2), TestContext.Current.CancellationToken);
        Assert.DoesNotContain(_log.Events.Keys, id => id is >= 50 and <= 52);

        var gather = app.Services.GetRequiredService<ScatterGather>();
        gather.Add("good", _ => new ValueTask<int>(1));
        gather.Add("offers", _ => throw new SocketException((int)SocketError.ConnectionRefused), 0);
        var late = gather.Add("late", async token =>
        {
            await Task.Delay(Timeout.Infinite, token);
            return 1;
        });
        var running = gather.RunAsync(TimeSpan.FromSeconds(2), TestContext.Current.CancellationToken);
        await QueueApp.WaitAsync(() => gather.Parts.Count(part => part.State != ScatterPartState.Pending) == 2, () => "Two parts should have ended.");
        app.Clock.Advance(TimeSpan.FromSeconds(2));
        await QueueApp.WaitAsync(() => late.Failure is not null, () => "The part should be late.");
        await running;
        return _log;
    }

    private sealed class SlowThenBroken(ManualResetEventSlim release) : IResilienceListener
    {
        public void OnEvent(PipelineEvent e)
        {
            if (e is CircuitStateChangedEvent)
            {
                release.Wait(HeldCall.Patience);
                throw new InvalidOperationException("broken");
            }
        }
    }

    private sealed class Decides(params int[] limits) : IConcurrencyLimitPolicy
    {
        private int _asked;

        public ConcurrencyDecision Decide(ConcurrencyWindow window) => new(limits[Math.Min(_asked++, limits.Length - 1)], "scripted");
    }
}
