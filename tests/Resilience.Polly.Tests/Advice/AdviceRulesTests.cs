using Microsoft.Extensions.DependencyInjection;

namespace Resilience.Polly.Tests.AdviceOnSettings;

/// <summary>Each rule, where it begins and where it ends.</summary>
public class AdviceRulesTests
{
    public static TheoryData<int, string> Cases => [.. AdviceCase.All.Index().Select(c => (c.Index, $"{c.Item.Id} {c.Item.Value}"))];

    public static TheoryData<string> Presets =>
    [
        "Timeout HighLatency", "Timeout LowLatency", "Retry Conservative", "Retry Aggressive", "CircuitBreaker Sensitive", "CircuitBreaker Tolerant",
        "Bulkhead Critical", "Bulkhead Standard", "Bulkhead Analytics", "Bulkhead Background",
    ];

    [Theory]
    [MemberData(nameof(Cases))]
    public async Task GetAdvice_settings_that_do_harm_earn_it(int number, string what)
    {
        var expected = AdviceCase.All[number];

        var advice = Assert.Single(await AdviceAsync(expected, expected.Earns), a => a.Id == expected.Id);

        Assert.Equal((expected.Severity, expected.Setting, expected.Value), (advice.Severity, advice.Setting, advice.Value));
        Assert.Equal(TestPipelines.Name, advice.PipelineName);
        Assert.EndsWith(".", advice.What);
        Assert.EndsWith(".", advice.Why);
        Assert.False(advice.Suggestion.EndsWith('.') || advice.Suggestion.Length == 0, what);
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public async Task GetAdvice_settings_just_at_the_border_do_not_earn_it(int number, string what)
    {
        var expected = AdviceCase.All[number];

        var earned = await AdviceAsync(expected with { Clients = expected.Border is null ? [] : expected.Clients }, expected.Border ?? (_ => { }));

        Assert.DoesNotContain(earned, advice => (advice.Id, advice.Setting, advice.Severity) == (expected.Id, expected.Setting, expected.Severity));
        Assert.NotEmpty(what);
    }

    [Fact]
    public void Every_rule_has_a_case()
    {
        var refused = Assert.Throws<ArgumentException>("except", () => new ServiceCollection().AddResilience().FailOnAdvice(except: ["jiter-off"]));

        Assert.StartsWith($"'jiter-off' is not the id of an advice. Known ids are {string.Join(", ", AdviceCase.All.Select(c => c.Id).Distinct().Order(StringComparer.Ordinal))}.", refused.Message);
    }

    [Theory]
    [InlineData(PipelineImportance.Background)]
    [InlineData(PipelineImportance.Standard)]
    [InlineData(PipelineImportance.Critical)]
    public async Task GetAdvice_defaults_earn_none(PipelineImportance importance)
    {
        await using var app = TestPipelines.FromJson($$"""{ "Pipelines": { "payments": { "Importance": "{{importance}}" } } }""");
        Assert.Empty(app.Services.GetRequiredService<IResilienceAdvisor>().GetAdvice());
    }

    [Theory]
    [MemberData(nameof(Presets))]
    public async Task GetAdvice_presets_earn_no_warning(string preset)
    {
        var (block, name) = preset.Split(' ') is [var b, var n] ? (b, n) : default;
        await using var app = TestPipelines.FromJson($$"""{ "Pipelines": { "payments": { "{{block}}": { "Preset": "{{name}}" } } } }""");

        // The hints are the guide's own words: for background work, for satellite links, for a timeout that fits.
        Assert.Equal(
            name switch
            {
                "HighLatency" => ["Hint read-too-long", "Hint recovery-shorter-than-attempt"],
                "Aggressive" => ["Hint too-many-attempts"],
                "Sensitive" => ["Hint recovery-shorter-than-attempt"],
                _ => [],
            },
            app.Services.GetRequiredService<IResilienceAdvisor>().GetAdvice().Select(advice => $"{advice.Severity} {advice.Id}"));
    }

    [Fact]
    public async Task GetAdvice_presets_of_background_work_together_earn_none_where_nobody_waits()
    {
        await using var app = TestPipelines.FromJson("""
            { "Pipelines": { "mail": { "Importance": "Background", "Timeout": { "Preset": "HighLatency" }, "Retry": { "Preset": "Aggressive" },
              "CircuitBreaker": { "Preset": "Tolerant", "RecoveryTimeout": "00:02:00" }, "Bulkhead": { "Preset": "Background" } } } }
            """);
        Assert.Empty(app.Services.GetRequiredService<IResilienceAdvisor>().GetAdvice());
    }

    // The guide's "Aligned configuration".
    [Fact]
    public async Task GetAdvice_well_coordinated_configuration_of_the_guide_earns_none()
    {
        await using var app = TestPipelines.FromJson("""
            { "Pipelines": { "api": {
              "Timeout": { "Connect": "00:00:05", "Read": "00:00:30", "Write": "00:00:15", "Pool": "00:00:02" },
              "Retry": { "MaxAttempts": 3, "MinWait": "00:00:01", "MaxWait": "00:00:30" },
              "CircuitBreaker": { "FailureThreshold": 5, "RecoveryTimeout": "00:01:00" },
              "Bulkhead": { "MaxConcurrency": 20, "AcquisitionTimeout": "00:00:05" } } } }
            """);
        Assert.Empty(app.Services.GetRequiredService<IResilienceAdvisor>().GetAdvice());
    }

    [Fact]
    public async Task GetAdvice_unset_connect_of_a_delegate_is_no_matter()
    {
        await using var app = TestPipelines.Of(o => o.Timeout.Read = TimeSpan.FromSeconds(5));
        Assert.Empty(app.Services.GetRequiredService<IResilienceAdvisor>().GetAdvice());
    }

    private static async Task<IReadOnlyList<Advice>> AdviceAsync(AdviceCase about, Action<PipelineOptions> configure)
    {
        await using var app = new TestPipelines(services =>
        {
            services.AddResilience().AddPipeline(TestPipelines.Name, configure);
            foreach (var client in about.Clients)
            {
                services.AddSingleton(new PipelineUse("PAYMENTS", client));
            }
        });
        return app.Services.GetRequiredService<IResilienceAdvisor>().GetAdvice(TestPipelines.Name);
    }
}
