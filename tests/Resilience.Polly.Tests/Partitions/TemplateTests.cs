using System.Runtime.CompilerServices;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Polly;
using Polly.CircuitBreaker;

namespace Resilience.Polly.Tests.Partitions;

/// <summary>Pipelines whose names are known at run time only.</summary>
public class TemplateTests
{
    private const string Tenants = """{ "Pipelines": { "tenants/*": { "Retry": { "MaxAttempts": 1 }, "CircuitBreaker": { "FailureThreshold": 2 } } } }""";

    [Fact]
    public async Task Each_name_gets_a_pipeline_of_its_own()
    {
        await using var app = TestPipelines.FromJson(Tenants);
        var one = app.Provider.GetPipeline("tenants/1");
        PartitionedApp.Call(one, null, fails: true);
        PartitionedApp.Call(one, null, fails: true);

        Assert.Equal("tenants/1", Assert.IsType<CircuitOpenException>(PartitionedApp.Call(one, null)).PipelineName);
        Assert.Null(PartitionedApp.Call(app.Provider.GetPipeline("tenants/2"), null));
        Assert.Same(one, app.Provider.GetPipeline("TENANTS/1"));
        Assert.Same(app.Provider.GetPipeline<int>("tenants/1"), app.Provider.GetPipeline<int>("tenants/1"));
        Assert.Equal(CircuitState.Open, app.Monitor.GetSnapshot("tenants/1").CircuitBreaker.State);
        Assert.Equal(["tenants/1", "tenants/2"], app.Monitor.GetSnapshots().Select(snapshot => snapshot.Name));
    }

    [Theory]
    [InlineData("tenant/1")]
    [InlineData("x")]
    [InlineData("tenants/*")]
    public async Task Name_that_fits_no_template_is_unknown(string name)
    {
        await using var app = TestPipelines.FromJson(Tenants);
        Assert.Throws<KeyNotFoundException>(() => app.Provider.GetPipeline(name));
        Assert.False(app.Provider.TryGetPipeline(name, out _));
    }

    [Fact]
    public async Task Longest_template_wins_and_settings_of_a_name_win_over_it()
    {
        await using var app = TestPipelines.FromJson(
            """
            { "Defaults": { "Retry": { "MaxAttempts": 9 } },
              "Pipelines": { "*": {}, "tenants/*": { "Retry": { "MaxAttempts": 2 } }, "tenants/gold/*": { "Retry": { "MaxAttempts": 3 } }, "tenants/7": { "BasedOn": "tenants/*", "Timeout": { "Read": "00:00:07" } } } }
            """);
        int Attempts(string name) => app.Monitor.GetSnapshot(name).Options.Retry.MaxAttempts;

        Assert.Equal((9, 2, 3, 2), (Attempts("anything"), Attempts("tenants/1"), Attempts("tenants/gold/1"), Attempts("tenants/7")));
        Assert.Equal(TimeSpan.FromSeconds(7), app.Monitor.GetSnapshot("tenants/7").Options.Timeout.Read);
    }

    [Fact]
    public async Task Template_in_code_has_code_and_strategies_for_each_pipeline()
    {
        await using var app = new TestPipelines(services => services.AddResilience().AddPipeline(
            "tenants/*", options => options.Retry.MaxAttempts = 4, strategies: strategies => strategies.AroundCall((builder, _) => builder.AddConcurrencyLimiter(1))));

        var snapshot = app.Monitor.GetSnapshot("tenants/1");
        Assert.Equal(4, snapshot.Options.Retry.MaxAttempts);
        Assert.Single(snapshot.StrategiesAroundCall);
    }

    [Theory]
    [InlineData("a*b")]
    [InlineData("**")]
    public async Task Star_stands_at_the_end_only(string name)
    {
        await using var app = TestPipelines.FromJson($$"""{ "Pipelines": { "{{name}}": {} } }""");
        Assert.Contains("a template has one *, at the end of its name", Assert.Throws<ResilienceConfigurationException>(() => app.Provider).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Pipelines_of_a_template_follow_a_reload_of_it_and_tell_so()
    {
        var json = new LiveJson(Tenants);
        await using var app = new TestPipelines(services => services.AddResilience(json.Section));
        app.Provider.GetPipeline("tenants/1");
        var changed = new List<string?>();
        using var watch = app.Services.GetRequiredService<IOptionsMonitor<PipelineOptions>>().OnChange((_, name) => changed.Add(name));
        json.Change("""{ "Pipelines": { "tenants/*": { "Retry": { "MaxAttempts": 5 } }, "tenants/3": { "Retry": { "MaxAttempts": 6 } } } }""");

        Assert.Equal(5, app.Monitor.GetSnapshot("tenants/1").Options.Retry.MaxAttempts);
        Assert.Equal(5, app.Monitor.GetSnapshot("tenants/2").Options.Retry.MaxAttempts);
        Assert.Equal(6, app.Monitor.GetSnapshot("tenants/3").Options.Retry.MaxAttempts);
        Assert.Contains("tenants/1", changed);

        // A name that gets settings of its own takes them, and gives them back.
        json.Change("""{ "Pipelines": { "tenants/*": { "Retry": { "MaxAttempts": 5 } }, "tenants/1": { "Retry": { "MaxAttempts": 7 } } } }""");
        Assert.Equal(7, app.Monitor.GetSnapshot("tenants/1").Options.Retry.MaxAttempts);
        json.Change("""{ "Pipelines": { "tenants/*": { "Retry": { "MaxAttempts": 5 } } } }""");
        Assert.Equal(5, app.Monitor.GetSnapshot("tenants/1").Options.Retry.MaxAttempts);
    }

    [Fact]
    public async Task Names_beyond_MaxPartitions_share_one_pipeline_and_a_log_line_says_so_once()
    {
        var log = new LogRecorder();
        await using var app = new TestPipelines(services =>
        {
            services.AddLogging(logging => logging.AddProvider(log));
            services.AddResilience().AddPipeline("tenants/*", options => options.MaxPartitions = 2);
        });
        var pipelines = Enumerable.Range(0, 5).Select(number => app.Provider.GetPipeline($"tenants/{number}")).ToArray();

        Assert.Equal(3, pipelines.Distinct().Count());
        Assert.Same(pipelines[2], pipelines[4]);
        Assert.Same(pipelines[2], app.Provider.GetPipeline("tenants/(overflow)"));
        Assert.Equal(
            "Warning: Template 'tenants/*' has 2 pipelines, the most that it may; 'tenants/2' and further names share 'tenants/(overflow)'",
            Assert.Single(log.Lines, line => line.Contains("share", StringComparison.Ordinal)));
    }

    [Theory]
    [InlineData("\nfail: Payments[0] all is lost", "contains a control character or a line separator")]
    [InlineData("\u2028", "contains a control character or a line separator")]
    [InlineData(null, "has 1025 characters; allowed are 1 to 1024")]
    public async Task Name_that_would_spoil_a_log_gets_no_pipeline(string? end, string reason)
    {
        await using var app = TestPipelines.FromJson("""{ "Pipelines": { "tenants/*": {} } }""");
        var name = "tenants/" + (end ?? new string('x', 1_017));

        var refused = Assert.Throws<KeyNotFoundException>(() => app.Provider.GetPipeline(name));
        Assert.Equal($"There is no resilience pipeline of this name, and no template applies to it: it {reason}.", refused.Message);
        Assert.False(app.Provider.TryGetPipeline(name, out _));
        Assert.NotNull(app.Provider.GetPipeline("tenants/" + new string('x', 1_016)));
    }

    [Fact]
    public async Task Idle_pipeline_that_nobody_holds_is_forgotten_and_one_that_somebody_holds_comes_back_the_same()
    {
        await using var app = TestPipelines.FromJson("""{ "Pipelines": { "tenants/*": { "PartitionIdleTimeout": "00:05:00" } } }""");
        await app.StartAsync();
        var held = app.Provider.GetPipeline("tenants/held");
        var weak = Use("tenants/lost");
        PartitionedApp.Call(held, null);
        Assert.Equal(2, app.Monitor.GetSnapshots().Count);

        app.Pass(400);
        Assert.Empty(app.Monitor.GetSnapshots());
        GC.Collect();
        GC.WaitForPendingFinalizers();
        GC.Collect();
        app.Pass(1);
        Assert.False(weak.IsAlive);

        // By a call, and by its name.
        PartitionedApp.Call(held, null);
        app.Pass(1);
        Assert.Equal(2, Assert.Single(app.Monitor.GetSnapshots()).Lifetime.Total);
        app.Pass(400);
        Assert.Empty(app.Monitor.GetSnapshots());
        Assert.Same(held, app.Provider.GetPipeline("tenants/held"));
        Assert.Equal(2, Assert.Single(app.Monitor.GetSnapshots()).Lifetime.Total);

        [MethodImpl(MethodImplOptions.NoInlining)]
        WeakReference Use(string name)
        {
            var pipeline = app.Provider.GetPipeline(name);
            PartitionedApp.Call(pipeline, null);
            return new(pipeline);
        }
    }

    [Fact]
    public async Task Forgotten_pipeline_that_is_held_follows_a_reload()
    {
        var json = new LiveJson(Tenants);
        await using var app = new TestPipelines(services => services.AddResilience(json.Section));
        await app.StartAsync();
        var held = app.Provider.GetPipeline("tenants/1");
        app.Pass(700);
        json.Change("""{ "Pipelines": { "tenants/*": { "MapExceptions": false, "Retry": { "MaxAttempts": 1 } } } }""");

        Assert.IsType<TimeoutException>(PartitionedApp.Call(held, null, fails: true));
    }

    [Fact]
    public async Task Pipeline_of_Pollys_registry_comes_before_a_template()
    {
        await using var app = new TestPipelines(services =>
        {
            services.AddResiliencePipeline("theirs", builder => builder.AddTimeout(TimeSpan.FromSeconds(1)));
            services.AddResilience().AddPipeline("*");
        });
        app.Provider.GetPipeline("theirs").Execute(() => { });
        app.Provider.GetPipeline("ours").Execute(() => { });

        Assert.Equal(["ours"], app.Monitor.GetSnapshots().Select(snapshot => snapshot.Name));
    }

    [Fact]
    public async Task Names_asked_for_at_once_while_idle_ones_are_forgotten_are_one_pipeline_each()
    {
        await using var app = TestPipelines.FromJson("""{ "Pipelines": { "tenants/*": { "PartitionIdleTimeout": "00:01:00" } } }""");
        await app.StartAsync();
        var isOver = false;
        var callers = Enumerable.Range(0, 4).Select(seed => Task.Factory.StartNew(
            () =>
            {
                var random = new Random(seed);
                for (var call = 0; call < 3_000; call++)
                {
                    var name = $"tenants/{random.Next(8)}";
                    var pipeline = app.Provider.GetPipeline(name);
                    Assert.Null(PartitionedApp.Call(pipeline, null));
                    Assert.Same(pipeline, app.Provider.GetPipeline(name)); // held here, so it is never another one
                }
            },
            TaskCreationOptions.LongRunning)).ToArray();
        var forgetting = Task.Run(() =>
        {
            while (!Volatile.Read(ref isOver))
            {
                app.Clock.Advance(TimeSpan.FromSeconds(61));
            }
        });
        await Task.WhenAll(callers);
        Volatile.Write(ref isOver, true);
        await forgetting;
        Assert.InRange(app.Monitor.GetSnapshots().Count, 0, 8);
    }
}
