using Microsoft.Extensions.DependencyInjection;

namespace Resilience.Polly.Tests.Configuration;

public class InheritanceTests
{
    private const string Settings = """
        {
          "Defaults": { "Retry": { "MaxAttempts": 7, "Jitter": false } },
          "Pipelines": {
            "payments": {
              "BaseAddress": "https://payments.example",
              "Timeout": { "Preset": "LowLatency", "Read": "00:00:03", "Total": "00:01:00" },
              "Retry": { "MaxAttempts": 2 }
            },
            "refunds": { "BasedOn": "Payments", "Bulkhead": { "Preset": "background" }, "timeout": { "total": null } },
            "reports": { "BasedOn": "refunds", "BaseAddress": null, "Timeout": { "Preset": "HighLatency" } },
            "plain": { }
          }
        }
        """;

    private static async Task<PipelineOptions> OptionsOf(string name)
    {
        await using var app = TestPipelines.FromJson(Settings);
        return app.Monitor.GetSnapshot(name).Options;
    }

    [Fact]
    public async Task Defaults_apply_where_a_pipeline_says_nothing()
    {
        var plain = await OptionsOf("plain");
        Assert.Equal((7, false, 20), (plain.Retry.MaxAttempts, plain.Retry.Jitter, plain.Bulkhead.MaxConcurrency));
    }

    [Fact]
    public async Task Preset_gives_the_block_and_the_keys_beside_it_change_single_values()
    {
        var timeout = (await OptionsOf("payments")).Timeout;
        Assert.Equal((2.0, 3.0, 5.0, 1.0), (timeout.Connect.TotalSeconds, timeout.Read.TotalSeconds, timeout.Write.TotalSeconds, timeout.Pool.TotalSeconds));
    }

    [Fact]
    public async Task BasedOn_starts_from_the_other_pipeline()
    {
        var refunds = await OptionsOf("refunds");
        Assert.Equal((2, false, 3.0), (refunds.Retry.MaxAttempts, refunds.Retry.Jitter, refunds.Timeout.Read.TotalSeconds));
        Assert.Equal((2, 30.0), (refunds.Bulkhead.MaxConcurrency, refunds.Bulkhead.AcquisitionTimeout.TotalSeconds));
        Assert.Equal("https://payments.example/", refunds.BaseAddress!.ToString());
        Assert.Null(refunds.Timeout.Total); // taken away by null
    }

    [Fact]
    public async Task BasedOn_goes_over_several_steps_and_a_preset_replaces_what_was_inherited()
    {
        var reports = await OptionsOf("reports");
        Assert.Null(reports.BaseAddress);
        Assert.Equal((2, 2, 120.0), (reports.Retry.MaxAttempts, reports.Bulkhead.MaxConcurrency, reports.Timeout.Read.TotalSeconds));
    }

    [Fact]
    public async Task Importance_is_inherited_and_overridden_as_other_values_are()
    {
        await using var app = TestPipelines.FromJson("""
            {
              "Defaults": { "Importance": "background" },
              "Pipelines": { "mail": { }, "payments": { "Importance": "Critical" }, "refunds": { "BasedOn": "payments" } }
            }
            """);
        PipelineImportance Of(string name) => app.Monitor.GetSnapshot(name).Options.Importance;
        Assert.Equal(
            (PipelineImportance.Background, PipelineImportance.Critical, PipelineImportance.Critical), (Of("mail"), Of("payments"), Of("refunds")));
    }

    [Fact]
    public async Task Code_sees_the_configured_values_and_wins()
    {
        await using var app = TestPipelines.FromJson(Settings, builder => builder
            .AddPipeline("payments", o => o.Retry.MaxAttempts *= 10)
            .AddPipeline("search", basedOn: "payments", configure: o => o.Bulkhead = BulkheadPresets.Critical));
        Assert.Equal(20, app.Snapshot.Options.Retry.MaxAttempts);
        var search = app.Monitor.GetSnapshot("search").Options;
        Assert.Equal((20, 3.0, 30), (search.Retry.MaxAttempts, search.Timeout.Read.TotalSeconds, search.Bulkhead.MaxConcurrency));
    }

    [Theory]
    [InlineData("plain", 7)]
    [InlineData(null, 2)]
    public async Task AddPipeline_basedOn_wins_over_the_configuration(string? basedOn, int attempts)
    {
        string? seen = null;
        await using var app = TestPipelines.FromJson(Settings, builder => builder.AddPipeline("refunds", o => seen = o.BasedOn, basedOn));

        var refunds = app.Monitor.GetSnapshot("refunds").Options;

        Assert.Equal((attempts, basedOn ?? "Payments"), (refunds.Retry.MaxAttempts, refunds.BasedOn));
        Assert.Equal(refunds.BasedOn, seen);
    }

    [Fact]
    public async Task AddPipeline_basedOn_what_there_is_not_or_in_a_circle_is_refused()
    {
        await using var app = new TestPipelines(services => services
            .AddResilience(Json.Section("""{ "Pipelines": { "x": { "BasedOn": "y" } } }"""))
            .AddPipeline("a", basedOn: "nobody")
            .AddPipeline("b", basedOn: "")
            .AddPipeline("y", basedOn: "X"));

        Assert.Equal(
            [
                "y:BasedOn = \"X\" (set in code): goes round in a circle: x > y > x",
                "a:BasedOn = \"nobody\" (set in code): there is no pipeline of this name, known are x, a, b, y",
                "b:BasedOn = \"\" (set in code): there is no pipeline of this name, known are x, a, b, y",
            ],
            Assert.Throws<ResilienceConfigurationException>(() => app.Monitor).Failures);
    }

    [Fact]
    public async Task Code_runs_once_at_start_and_once_for_each_reload()
    {
        var (json, runs) = (new LiveJson("{}"), 0);
        await using var app = new TestPipelines(services => services.AddResilience(json.Section).AddPipeline("a", _ => runs++).AddPipeline("b", basedOn: "a"));
        Assert.Equal(2, app.Monitor.GetSnapshots().Count);
        Assert.Equal(1, runs);

        json.Change("""{ "Defaults": { "Retry": { "MaxAttempts": 4 } } }""");

        Assert.Equal(2, runs);
    }

    [Fact]
    public async Task Every_value_is_inherited_and_no_copy_shares_one()
    {
        // Each value on its own, so that no rule on two of them is broken.
        foreach (var property in SettingProperty.All.Where(property => !property.IsOfQueue && !property.IsBlock && property.Key != "BasedOn"))
        {
            await using var app = new TestPipelines(services => services
                .AddSingleton<ILoadReader, FakeLoad>()
                .AddResilience()
                .AddSharedState(new())
                .AddPipeline("payments", o =>
                {
                    o.Chaos.AllowInProduction = true;
                    Set(property, o, Other(property));
                })
                .AddPipeline("refunds", basedOn: "payments"));
            var refunds = app.Monitor.GetSnapshot("refunds").Options;
            Assert.True(Equals(Other(property), property.ValueIn(refunds)), $"{property.Key} is not inherited");

            Set(property, refunds, property.Default);
            Assert.True(Equals(Other(property), property.ValueIn(app.Monitor.GetSnapshot("refunds").Options)), $"{property.Key} is shared with a snapshot");
            Assert.True(Equals(Other(property), property.ValueIn(app.Snapshot.Options)), $"{property.Key} is shared with the base");
        }

        static void Set(SettingProperty property, object options, object? value) =>
            property.Property.SetValue(property.Key.Split(':')[..^1].Aggregate(options, (owner, name) => owner.GetType().GetProperty(name)!.GetValue(owner)!), value);

        static object Other(SettingProperty property) => property.Key switch
        {
            "BaseAddress" => new Uri("https://other.example"),
            "Chaos:AllowInProduction" => true,
            "Retry:Methods" => "GET, PUT",
            _ => property.Default switch
            {
                bool flag => !flag,
                int number => number + 1,
                double number => number + 0.05,
                TimeSpan duration => duration + TimeSpan.FromMilliseconds(1),
                string text => text + "-Other",
                Enum choice => Enum.ToObject(property.Type, Convert.ToInt32(choice, System.Globalization.CultureInfo.InvariantCulture) == 0 ? 1 : 0),
                _ => property.Type == typeof(int) ? 1 : property.Type == typeof(double) ? 0.5 : TimeSpan.FromSeconds(1),
            },
        };
    }

    [Fact]
    public async Task Rules_set_in_code_are_inherited_and_those_of_a_pipeline_stay_its_own()
    {
        await using var app = new TestPipelines(services => services
            .AddResilience()
            .AddPipeline("payments", o =>
            {
                (o.Retry.MaxAttempts, o.Retry.MinWait) = (2, TimeSpan.Zero);
                o.Failures.Retry<FormatException>();
            })
            .AddPipeline("refunds", basedOn: "payments", configure: o => o.Failures.Retry<ArithmeticException>()));

        Assert.Equal((2, 2), (await AttemptsAsync<FormatException>("payments"), await AttemptsAsync<FormatException>("refunds")));
        Assert.Equal((1, 2), (await AttemptsAsync<ArithmeticException>("payments"), await AttemptsAsync<ArithmeticException>("refunds")));

        async Task<int> AttemptsAsync<TException>(string pipeline)
            where TException : Exception, new()
        {
            var attempts = 0;
            await Assert.ThrowsAsync<TException>(async () => await app.Provider.GetPipeline(pipeline).ExecuteAsync(
                _ =>
                {
                    attempts++;
                    return ValueTask.FromException(new TException());
                },
                TestContext.Current.CancellationToken));
            return attempts;
        }
    }

    [Fact]
    public async Task Second_section_adds_and_overrides()
    {
        await using var app = new TestPipelines(services =>
        {
            services.AddResilience(Json.Section(Settings));
            services.AddResilience(Json.Section(
                """{ "Pipelines": { "payments": { "Retry": { "MaxAttempts": 4 } }, "mail": { } } }"""));
        });
        Assert.Equal((4, 3.0), (app.Snapshot.Options.Retry.MaxAttempts, app.Snapshot.Options.Timeout.Read.TotalSeconds));
        Assert.Equal(7, app.Monitor.GetSnapshot("mail").Options.Retry.MaxAttempts);
    }

    [Fact]
    public void Presets_are_the_ones_of_the_guide()
    {
        Assert.Equal("00:00:30 00:02:00 00:01:00 00:00:15", Phases(TimeoutPresets.HighLatency));
        Assert.Equal("00:00:02 00:00:05 00:00:05 00:00:01", Phases(TimeoutPresets.LowLatency));
        Assert.Equal("00:00:10 00:00:30 00:00:15 00:00:05", Phases(new TimeoutOptions()));
        Assert.Equal("3 00:00:00.5000000 00:00:10 2 True", Retry(RetryPresets.Conservative));
        Assert.Equal("5 00:00:01 00:05:00 2 True", Retry(RetryPresets.Aggressive));
        Assert.Equal("3 00:00:01 00:01:00 2 True", Retry(new RetryOptions()));
        Assert.Equal((3, 10.0), Circuit(CircuitBreakerPresets.Sensitive));
        Assert.Equal((10, 60.0), Circuit(CircuitBreakerPresets.Tolerant));
        Assert.Equal((5, 30.0), Circuit(new CircuitBreakerOptions()));
        Assert.Equal((30, 1.0), Bulkhead(BulkheadPresets.Critical));
        Assert.Equal((20, 5.0), Bulkhead(BulkheadPresets.Standard));
        Assert.Equal((5, 10.0), Bulkhead(BulkheadPresets.Analytics));
        Assert.Equal((2, 30.0), Bulkhead(BulkheadPresets.Background));

        static string Phases(TimeoutOptions o) => $"{o.Connect} {o.Read} {o.Write} {o.Pool}";
        static string Retry(RetryOptions o) => $"{o.MaxAttempts} {o.MinWait} {o.MaxWait} {o.Multiplier} {o.Jitter}";
        static (int?, double) Circuit(CircuitBreakerOptions o) => (o.FailureThreshold, o.RecoveryTimeout.TotalSeconds);
        static (int, double) Bulkhead(BulkheadOptions o) => (o.MaxConcurrency, o.AcquisitionTimeout.TotalSeconds);
    }

    [Fact]
    public async Task Code_takes_a_service_and_its_own_base_from_the_container()
    {
        await using var app = new TestPipelines(services =>
        {
            services.AddSingleton(new Uri("https://reports.example/"));
            services.AddResilience()
                .AddPipeline("reports", (options, provider) => options.BaseAddress = provider.GetRequiredService<Uri>())
                .AddPipeline("exports", (options, _) => options.Retry.MaxAttempts = 2, basedOn: "reports");
        });
        var exports = app.Monitor.GetSnapshot("exports").Options;
        Assert.Equal(("https://reports.example/", 2), (exports.BaseAddress!.AbsoluteUri, exports.Retry.MaxAttempts));
    }

    [Fact]
    public async Task Code_that_misses_a_service_is_a_fault_that_names_the_pipeline()
    {
        await using var app = new TestPipelines(services =>
            services.AddResilience().AddPipeline("reports", (options, provider) => options.BaseAddress = provider.GetRequiredService<Uri>()));
        var fault = Assert.Throws<ResilienceConfigurationException>(() => app.Monitor.GetSnapshot("reports"));
        Assert.Contains("reports", fault.Message);
        Assert.Throws<ArgumentNullException>(() => new ServiceCollection().AddResilience().AddPipeline("x", (Action<PipelineOptions, IServiceProvider>)null!));
    }
}
