using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Polly;
using Polly.RateLimiting;

namespace Resilience.Polly.Tests.Overload;

/// <summary>Calls that are given up while the machine has more to do than it can.</summary>
public sealed class LoadSheddingTests : IDisposable
{
    private readonly FakeLoad _load = new();
    private readonly LogRecorder _log = new();

    [Theory]
    [InlineData(0.80, 0.85, null)]
    [InlineData(0.81, 0.10, "CPU at 81 %, above 80 %")]
    [InlineData(0.10, 0.86, "memory at 86 %, above 85 %")]
    public async Task Overload_begins_above_either_threshold(double cpu, double memory, string? overload)
    {
        await using var app = await StartAsync();

        Load(app, cpu, memory);

        Assert.Equal(overload, app.Snapshot.Overload);
    }

    [Fact]
    public async Task Nothing_is_shed_without_overload_and_30_percent_during_it()
    {
        await using var app = await StartAsync();
        Assert.Equal(0, await ShedOfAsync(app, 1_000, CallPriority.Normal));

        Load(app, 0.9, 0.5);
        Assert.InRange(await ShedOfAsync(app, 10_000, CallPriority.Normal), 2_700, 3_300); // 6 standard deviations

        Load(app, 0.5, 0.5);
        Assert.Equal(0, await ShedOfAsync(app, 1_000, CallPriority.Normal));
    }

    [Fact]
    public async Task Critical_calls_are_never_shed()
    {
        await using var app = await StartAsync(o => o.LoadShedding.Share = 1);
        Load(app, 1, 1);

        Assert.Equal(0, await ShedOfAsync(app, 1_000, CallPriority.Critical));
        Assert.Equal(1_000, await ShedOfAsync(app, 1_000, CallPriority.Normal));
    }

    [Theory]
    [InlineData(100, 100, 60, 0)]
    [InlineData(20, 180, 20, 40)]
    [InlineData(200, 0, 60, 0)]
    [InlineData(0, 200, 0, 60)]
    public async Task Sheddable_calls_are_shed_first(int sheddable, int normal, int shedSheddable, int shedNormal)
    {
        await using var app = await StartAsync();
        Load(app, 0.9, 0.5);
        await ShedOfAsync(app, sheddable * 20, CallPriority.Sheddable, normal * 20, CallPriority.Normal); // so that the mix is known

        var (first, second) = await ShedOfAsync(app, sheddable * 50, CallPriority.Sheddable, normal * 50, CallPriority.Normal);

        Assert.InRange(first, (shedSheddable * 50) - (6 * sheddable), (shedSheddable * 50) + (6 * sheddable));
        Assert.InRange(second, (shedNormal * 50) - (6 * normal), (shedNormal * 50) + (6 * normal));
    }

    [Fact]
    public async Task Shed_call_took_nothing_and_says_why()
    {
        var heard = new Recorder();
        await using var app = await StartAsync(o => o.LoadShedding.Share = 1, heard);
        Load(app, 0.92, 0.5);
        var dependency = new Dependency(Dependency.Answers(1));

        var shed = Assert.IsType<LoadShedException>((await dependency.ThroughAsync(app.Pipeline)).Exception);

        Assert.Equal("Pipeline 'payments' shed the call: CPU at 92 %, above 80 %. Degrade gracefully, or slow down; calls of priority Critical are not shed.", shed.Message);
        Assert.Equal((TimeSpan.Zero, TimeoutPhase.Pool, 0), (shed.Limit, shed.Phase, shed.Attempts));
        Assert.Equal((0, 1, 1), (dependency.Attempts, app.Snapshot.Calls.Shed, app.Snapshot.Calls.Total));
        Assert.Equal((0, 0), (app.Snapshot.Bulkhead.Peak, app.Snapshot.CircuitBreaker.FailureCount));
        await app.DisposeAsync();
        Assert.Equal(RejectedBy.LoadShedding, Assert.Single(heard.Rejections).By);
    }

    [Fact]
    public async Task Shed_call_is_Pollys_rejection_where_exceptions_are_not_mapped()
    {
        await using var app = await StartAsync(o => (o.LoadShedding.Share, o.MapExceptions) = (1, false));
        Load(app, 0.92, 0.5);

        Assert.IsType<RateLimiterRejectedException>((await new Dependency(Dependency.Answers(1)).ThroughAsync(app.Pipeline)).Exception);
    }

    [Fact]
    public async Task Total_timeout_stands_around_shedding()
    {
        await using var app = await StartAsync(o => (o.LoadShedding.Share, o.Timeout.Total) = (1, TimeSpan.FromSeconds(10)));
        Load(app, 0.92, 0.5);

        Assert.IsType<LoadShedException>((await new Dependency(Dependency.Answers(1)).ThroughAsync(app.Pipeline)).Exception);
        Assert.Equal(1, app.Snapshot.Calls.Shed);
    }

    [Fact]
    public async Task Load_that_is_unknown_or_cannot_be_read_sheds_nothing_and_is_logged_once()
    {
        await using var app = await StartAsync();
        Load(app, 0.92, 0.5);
        _load.SetUnknown();
        app.Pass(1);
        Assert.Null(app.Snapshot.Overload);

        _load.Break();
        app.Pass(5);

        Assert.Null(app.Snapshot.Overload);
        Assert.Equal(
            [
                "Warning: Pipeline 'payments' sheds calls: CPU at 92 %, above 80 %",
                "Information: Pipeline 'payments' sheds no more calls",
                "Error: The load could not be read; nothing is shed until it can",
            ],
            _log.Lines.Where(line => line.Contains("shed", StringComparison.Ordinal) && !line.Contains("Pipeline payments:", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task Reload_switches_shedding_on_and_off()
    {
        var live = new LiveJson(Content(false));
        await using var app = new TestPipelines(services =>
        {
            services.AddSingleton<ILoadReader>(_load);
            services.AddResilience(live.Section).AddLoadShedding();
        });
        await StartAsync(app);
        Load(app, 1, 1);
        Assert.Equal(0, await ShedOfAsync(app, 10, CallPriority.Normal));

        live.Change(Content(true));
        app.Pass(1);
        Assert.Equal(10, await ShedOfAsync(app, 10, CallPriority.Normal));
        live.Change(Content(false));
        app.Pass(1);
        Assert.Equal(0, await ShedOfAsync(app, 10, CallPriority.Normal));
        Assert.Null(app.Snapshot.Overload);

        static string Content(bool enabled) =>
            $$"""{ "Pipelines": { "payments": { "LoadShedding": { "Enabled": {{(enabled ? "true" : "false")}}, "Share": 1 } } } }""";
    }

    [Fact]
    public async Task Pipeline_that_is_first_used_or_switched_on_during_overload_sheds_by_the_last_reading()
    {
        var live = new LiveJson(Content(true));
        await using var app = new TestPipelines(services =>
        {
            services.AddSingleton<ILoadReader>(_load);
            services.AddResilience(live.Section).AddLoadShedding();
        });
        await app.StartAsync();
        Load(app, 1, 1); // before any pipeline is used

        Assert.Equal(10, await ShedOfAsync(app, 10, CallPriority.Normal));
        Assert.Equal("CPU at 100 %, above 80 %", app.Snapshot.Overload);

        live.Change(Content(false));
        Assert.Equal(0, await ShedOfAsync(app, 10, CallPriority.Normal));
        live.Change(Content(true));
        Assert.Equal(10, await ShedOfAsync(app, 10, CallPriority.Normal));

        static string Content(bool enabled) =>
            $$"""{ "Pipelines": { "payments": { "LoadShedding": { "Enabled": {{(enabled ? "true" : "false")}}, "Share": 1 } } } }""";
    }

    [Fact]
    public async Task Shedding_without_readings_is_refused_with_what_to_call()
    {
        await using var app = TestPipelines.Of(o => o.LoadShedding.Enabled = true);

        var refused = Assert.Throws<ResilienceConfigurationException>(() => app.Pipeline);

        Assert.Contains(
            "payments:LoadShedding:Enabled = true: needs readings of the load; call AddLoadShedding() on what AddResilience returns",
            refused.Message,
            StringComparison.Ordinal);
    }

    public void Dispose() => _log.Dispose();

    // Real time: the readings are those of this process, and change every few seconds.
    [Fact(Timeout = 120_000)]
    public async Task Readings_of_a_busy_process_come_from_ResourceMonitoring()
    {
        using var host = new HostBuilder().ConfigureServices(services => services.AddResilience().AddLoadShedding()).Build();
        await host.StartAsync(TestContext.Current.CancellationToken);
        var reader = host.Services.GetRequiredService<ILoadReader>();

        SystemLoad? load;
        while ((load = reader.Read()) is null or { Cpu: <= 0 } or { Memory: <= 0 })
        {
            Burn(TimeSpan.FromMilliseconds(100));
            TestContext.Current.CancellationToken.ThrowIfCancellationRequested();
        }

        Assert.InRange(load.Cpu, 0.001, 1.5);
        Assert.InRange(load.Memory, 0.0001, 1);
        await host.StopAsync(TestContext.Current.CancellationToken);
    }

    private static void Burn(TimeSpan time)
    {
        var watch = System.Diagnostics.Stopwatch.StartNew();
        while (watch.Elapsed < time)
        {
            Thread.SpinWait(100);
        }
    }

    private static async Task StartAsync(TestPipelines app)
    {
        _ = app.Pipeline;
        await app.StartAsync();
    }

    private static async Task<int> ShedOfAsync(TestPipelines app, int calls, CallPriority priority) => (await ShedOfAsync(app, calls, priority, 0, priority)).First;

    // Mixed evenly, so that the mix of the last seconds is that of the test.
    private static async Task<(int First, int Second)> ShedOfAsync(TestPipelines app, int first, CallPriority firstPriority, int second, CallPriority secondPriority)
    {
        var (shedFirst, shedSecond) = (0, 0);
        for (var (i, j) = (0, 0); i < first || j < second;)
        {
            if (i * (long)second <= j * (long)first && i < first)
            {
                i++;
                shedFirst += await IsShedAsync(app, firstPriority) ? 1 : 0;
            }
            else
            {
                j++;
                shedSecond += await IsShedAsync(app, secondPriority) ? 1 : 0;
            }
        }

        return (shedFirst, shedSecond);
    }

    private static async Task<bool> IsShedAsync(TestPipelines app, CallPriority priority)
    {
        var context = ResilienceContextPool.Shared.Get(CancellationToken.None);
        context.Properties.Set(CallProperties.Priority, priority);
        var outcome = await app.Pipeline.ExecuteOutcomeAsync(static (_, _) => new ValueTask<Outcome<int>>(Outcome.FromResult(1)), context, 0);
        ResilienceContextPool.Shared.Return(context);
        return outcome.Exception is PoolTimeoutException;
    }

    private void Load(TestPipelines app, double cpu, double memory)
    {
        _load.Set(cpu, memory);
        app.Pass(1);
    }

    private async Task<TestPipelines> StartAsync(Action<PipelineOptions>? configure = null, params IResilienceListener[] listeners)
    {
        var app = new TestPipelines(services =>
        {
            services.AddLogging(logging => logging.AddProvider(_log));
            services.AddSingleton<ILoadReader>(_load);
            var builder = services.AddResilience().AddLoadShedding().AddPipeline("payments", o =>
            {
                o.LoadShedding.Enabled = true;
                configure?.Invoke(o);
            });
            Array.ForEach(listeners, listener => builder.AddListener(listener));
        });
        await StartAsync(app);
        return app;
    }
}
