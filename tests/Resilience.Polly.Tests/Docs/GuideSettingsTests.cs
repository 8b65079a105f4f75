using System.Reflection;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace Resilience.Polly.Tests;

/// <summary>The file with the guide's settings has the numbers of the guide, and its page lists the pipelines with the advice that they earn.</summary>
public class GuideSettingsTests
{
    private const string Page = "docs/guide/settings.md";

    // The numbers of the guide, by hand. What it does not name has its default.
    private static readonly Dictionary<string, Action<PipelineOptions>> Guide = new()
    {
        ["guide-high-latency"] = o => Timeouts(o, connect: 30, read: 120, write: 60, pool: 15),
        ["guide-low-latency"] = o => Timeouts(o, connect: 2, read: 5, write: 5, pool: 1),
        ["guide-conservative-retries"] = o => Retries(o, maxAttempts: 3, minWait: 0.5, maxWait: 10),
        ["guide-aggressive-retries"] = o => Retries(o, maxAttempts: 5, minWait: 1, maxWait: 300),
        ["guide-sensitive-circuit"] = o => Circuit(o, failureThreshold: 3, recoveryTimeout: 10),
        ["guide-tolerant-circuit"] = o => Circuit(o, failureThreshold: 10, recoveryTimeout: 60),
        ["guide-user-service"] = o => Bulkhead(o, maxConcurrency: 30, acquisitionTimeout: 1),
        ["guide-analytics"] = o => Bulkhead(o, maxConcurrency: 5, acquisitionTimeout: 10),
        ["guide-background-jobs"] = o => Bulkhead(o, maxConcurrency: 2, acquisitionTimeout: 30),
        ["guide-harmony"] = o =>
        {
            Timeouts(o, connect: 5, read: 30, write: 15, pool: 2);
            Retries(o, maxAttempts: 3, minWait: 1, maxWait: 30);
            Circuit(o, failureThreshold: 5, recoveryTimeout: 60);
            Bulkhead(o, maxConcurrency: 20, acquisitionTimeout: 5);
        },
        ["guide-checkout-critical"] = o =>
        {
            Timeouts(o, connect: 5, read: 15);
            Retries(o, maxAttempts: 3, maxWait: 10);
            Circuit(o, failureThreshold: 5, recoveryTimeout: 30);
            Bulkhead(o, maxConcurrency: 30);
        },
        ["guide-checkout-standard"] = o =>
        {
            Timeouts(o, connect: 3, read: 10);
            Retries(o, maxAttempts: 2, maxWait: 5);
            Circuit(o, failureThreshold: 3, recoveryTimeout: 15);
            Bulkhead(o, maxConcurrency: 10);
        },
        ["guide-feed-fast"] = o =>
        {
            Timeouts(o, connect: 1, read: 2);
            Retries(o, maxAttempts: 2, maxWait: 3);
            Bulkhead(o, maxConcurrency: 50);
        },
        ["guide-feed-slow"] = o =>
        {
            Timeouts(o, connect: 2, read: 5);
            Retries(o, maxAttempts: 3, maxWait: 8);
            Bulkhead(o, maxConcurrency: 20);
        },
        ["guide-dashboard-critical"] = o =>
        {
            Timeouts(o, read: 3);
            Bulkhead(o, maxConcurrency: 30);
        },
        ["guide-dashboard-standard"] = o =>
        {
            Timeouts(o, read: 1.5);
            Bulkhead(o, maxConcurrency: 20);
        },
        ["guide-dashboard-optional"] = o =>
        {
            Timeouts(o, read: 1);
            Bulkhead(o, maxConcurrency: 10);
        },
    };

    private static readonly DocsRow[] Rows = [.. DocsTable.RowsWith("pipeline").Where(row => row.Page == Page)];

    public static TheoryData<string> Names => [.. Guide.Keys];

    [Fact]
    public void File_and_page_have_the_pipelines_of_the_guide_and_no_others()
    {
        using var pipelines = Load();

        Assert.Equal(Guide.Keys.Order(), pipelines.Services.GetRequiredService<IResilienceMonitor>().GetSnapshots().Select(pipeline => pipeline.Name));
        Assert.Equal(Guide.Keys, Rows.Select(row => row.Code("pipeline")));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Pipeline_has_the_numbers_of_the_guide(string name)
    {
        using var pipelines = Load();
        var expected = new PipelineOptions();
        Guide[name](expected);

        Assert.Equal(ValuesOf(expected), ValuesOf(pipelines.Services.GetRequiredService<IResilienceMonitor>().GetSnapshot(name).Options));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Page_shows_the_pipeline_in_one_line_and_the_advice_that_it_earns(string name)
    {
        using var pipelines = Load();
        var row = Rows.Single(row => row.Code("pipeline") == name);
        var advice = pipelines.Services.GetRequiredService<IResilienceAdvisor>().GetAdvice(name).Select(advice => $"{advice.Severity} `{advice.Id}`").ToList();

        Assert.Equal($"{pipelines.Services.GetRequiredService<IResilienceMonitor>().GetSnapshot(name)}", $"{name}: {row.Code("in one line")}");
        Assert.Equal(advice.Count == 0 ? "none" : string.Join(", ", advice), row["advice that it earns"]);
    }

    [Fact]
    public void Pipeline_that_is_based_on_one_has_its_settings()
    {
        using var pipelines = Load(resilience => resilience.AddPipeline("payments", basedOn: "guide-harmony"));
        var monitor = pipelines.Services.GetRequiredService<IResilienceMonitor>();

        Assert.Equal(ValuesOf(monitor.GetSnapshot("guide-harmony").Options), ValuesOf(monitor.GetSnapshot("payments").Options));
    }

    [Fact]
    public void Change_that_the_page_recommends_leaves_no_advice_for_a_pipeline_that_earned_a_warning()
    {
        var warned = Rows.Where(row => row["advice that it earns"].Contains("Warning", StringComparison.Ordinal)).Select(row => row.Code("pipeline")).ToList();
        const string Change = """ "Retry": { "MinWait": "00:00:00.2500000", "MaxWait": "00:00:01" }, "Bulkhead": { "AcquisitionTimeout": "00:00:01" } """;
        using var pipelines = Load(resilience => resilience.Services.AddResilience(
            Json.Section($$"""{ "Pipelines": { {{string.Join(", ", warned.Select(name => $$"""
                "my-{{name}}": { "BasedOn": "{{name}}", {{Change}} }
                """))}} } }""")));

        Assert.NotEmpty(warned);
        Assert.Contains(DocsPages.Lines(Page), line => line.Contains(Change.Trim(), StringComparison.Ordinal));
        Assert.All(warned, name => Assert.Empty(pipelines.Services.GetRequiredService<IResilienceAdvisor>().GetAdvice($"my-{name}")));
    }

    private static ResiliencePipelines Load(Action<IResilienceBuilder>? more = null) => ResiliencePipelines.Create(resilience =>
    {
        var file = new ConfigurationBuilder().AddJsonFile(Path.Combine(DocsPages.Root, "docs/guide/appsettings.guide.json")).Build();
        resilience.Services.AddResilience(file.GetSection("Resilience"));
        more?.Invoke(resilience);
    });

    private static string[] ValuesOf(PipelineOptions options) =>
    [
        .. new object[] { options.Timeout, options.Retry, options.Retry.Budget, options.CircuitBreaker, options.Bulkhead, options.Bulkhead.Adaptive }
            .SelectMany(block => block.GetType().GetProperties(BindingFlags.Public | BindingFlags.Instance)
                .Where(property => property.PropertyType.IsValueType)
                .Select(property => $"{block.GetType().Name}.{property.Name} = {property.GetValue(block)}")),
    ];

    private static void Timeouts(PipelineOptions options, double? connect = null, double? read = null, double? write = null, double? pool = null)
    {
        options.Timeout.Connect = Seconds(connect) ?? options.Timeout.Connect;
        options.Timeout.Read = Seconds(read) ?? options.Timeout.Read;
        options.Timeout.Write = Seconds(write) ?? options.Timeout.Write;
        options.Timeout.Pool = Seconds(pool) ?? options.Timeout.Pool;
    }

    private static void Retries(PipelineOptions options, int maxAttempts, double? minWait = null, double? maxWait = null)
    {
        options.Retry.MaxAttempts = maxAttempts;
        options.Retry.MinWait = Seconds(minWait) ?? options.Retry.MinWait;
        options.Retry.MaxWait = Seconds(maxWait) ?? options.Retry.MaxWait;
    }

    private static void Circuit(PipelineOptions options, int failureThreshold, double recoveryTimeout)
    {
        options.CircuitBreaker.FailureThreshold = failureThreshold;
        options.CircuitBreaker.RecoveryTimeout = TimeSpan.FromSeconds(recoveryTimeout);
    }

    private static void Bulkhead(PipelineOptions options, int maxConcurrency, double? acquisitionTimeout = null)
    {
        options.Bulkhead.MaxConcurrency = maxConcurrency;
        options.Bulkhead.AcquisitionTimeout = Seconds(acquisitionTimeout) ?? options.Bulkhead.AcquisitionTimeout;
    }

    private static TimeSpan? Seconds(double? seconds) => seconds is { } value ? TimeSpan.FromSeconds(value) : null;
}
