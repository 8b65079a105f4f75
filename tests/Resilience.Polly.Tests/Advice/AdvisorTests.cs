using Microsoft.Extensions.DependencyInjection;

namespace Resilience.Polly.Tests.AdviceOnSettings;

public class AdvisorTests
{
    private const string Three = """
        { "Pipelines": {
          "search": { "Retry": { "Jitter": false }, "Bulkhead": { "MaxConcurrency": 1 } },
          "Payments": { "CircuitBreaker": { "Mode": "Observe" }, "Bulkhead": { "MaxConcurrency": 1 } },
          "mail": { "Retry": { "Budget": { "Enabled": false } } } } }
        """;

    private static IResilienceAdvisor Advisor(TestPipelines app) => app.Services.GetRequiredService<IResilienceAdvisor>();

    private static string[] Lines(IEnumerable<Advice> advice) => [.. advice.Select(a => $"{a.Severity} {a.PipelineName} {a.Id}")];

    [Fact]
    public async Task GetAdvice_the_worst_comes_first_then_by_pipeline_and_id()
    {
        await using var app = TestPipelines.FromJson(Three);
        Assert.Equal(
            ["Error Payments one-slot", "Error search jitter-off", "Error search one-slot", "Warning mail retry-budget-off", "Hint Payments circuit-not-enforced"],
            Lines(Advisor(app).GetAdvice()));
    }

    [Fact]
    public async Task GetAdvice_of_one_pipeline_is_about_that_one_and_named_without_regard_to_case()
    {
        await using var app = TestPipelines.FromJson(Three);
        Assert.Equal(["Error Payments one-slot", "Hint Payments circuit-not-enforced"], Lines(Advisor(app).GetAdvice("PAYMENTS")));
    }

    [Fact]
    public async Task GetAdvice_unknown_name_is_refused_with_those_that_there_are()
    {
        await using var app = TestPipelines.FromJson(Three);
        var unknown = Assert.Throws<KeyNotFoundException>(() => Advisor(app).GetAdvice("serach"));
        Assert.Contains("Known are: mail, Payments, search.", unknown.Message);
        Assert.Throws<ArgumentNullException>(() => Advisor(app).GetAdvice(null!));
    }

    [Fact]
    public async Task GetAdvice_follows_the_settings_in_force()
    {
        var json = new LiveJson("""{ "Pipelines": { "payments": { "Bulkhead": { "MaxConcurrency": 1 } } } }""");
        await using var app = new TestPipelines(services => services.AddResilience(json.Section));
        var advisor = Advisor(app);
        Assert.Equal(["Error payments one-slot"], Lines(advisor.GetAdvice()));
        json.Change("""{ "Pipelines": { "payments": { "Retry": { "Jitter": false } }, "new": { "Bulkhead": { "MaxConcurrency": 1 } } } }""");
        Assert.Equal(["Error new one-slot", "Error payments jitter-off"], Lines(advisor.GetAdvice()));
    }

    [Fact]
    public async Task GetAdvice_of_a_pipeline_taken_out_is_there_while_it_is_in_use()
    {
        const string Slots = """{ "Bulkhead": { "MaxConcurrency": 1 } }""";
        var json = new LiveJson($$"""{ "Pipelines": { "payments": {{Slots}}, "unused": {{Slots}} } }""");
        await using var app = new TestPipelines(services => services.AddResilience(json.Section));
        Assert.NotNull(app.Pipeline);
        json.Change("""{ "Pipelines": { } }""");
        Assert.Equal(["Error payments one-slot"], Lines(Advisor(app).GetAdvice()));
        Assert.Equal(["Error payments one-slot"], Lines(Advisor(app).GetAdvice("payments")));
        Assert.Throws<KeyNotFoundException>(() => Advisor(app).GetAdvice("unused"));
    }

    [Fact]
    public async Task ToString_is_all_of_it_in_one_line()
    {
        await using var app = TestPipelines.FromJson(Three);
        Assert.Equal(
            "Error one-slot: pipeline 'Payments', Bulkhead:MaxConcurrency = 1. All calls wait for each other. One slow call, with its retries " +
            "and waits, holds up all others. Better: at least 2, usually 20.",
            Advisor(app).GetAdvice()[0].ToString());
    }
}
