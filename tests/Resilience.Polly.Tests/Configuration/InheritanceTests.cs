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
            .AddPipeline("search", o =>
            {
                o.BasedOn = "payments";
                o.Bulkhead = BulkheadPresets.Critical;
            }));
        Assert.Equal(20, app.Snapshot.Options.Retry.MaxAttempts);
        var search = app.Monitor.GetSnapshot("search").Options;
        Assert.Equal((20, 3.0, 30), (search.Retry.MaxAttempts, search.Timeout.Read.TotalSeconds, search.Bulkhead.MaxConcurrency));
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
        Assert.Equal((2, 30.0), Bulkhead(BulkheadPresets.Background));

        static string Phases(TimeoutOptions o) => $"{o.Connect} {o.Read} {o.Write} {o.Pool}";
        static string Retry(RetryOptions o) => $"{o.MaxAttempts} {o.MinWait} {o.MaxWait} {o.Multiplier} {o.Jitter}";
        static (int, double) Circuit(CircuitBreakerOptions o) => (o.FailureThreshold, o.RecoveryTimeout.TotalSeconds);
        static (int, double) Bulkhead(BulkheadOptions o) => (o.MaxConcurrency, o.AcquisitionTimeout.TotalSeconds);
    }
}
