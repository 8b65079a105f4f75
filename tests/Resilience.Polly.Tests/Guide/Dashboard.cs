using Polly.Registry;

namespace Resilience.Polly.Tests.Guide;

internal sealed record DashboardPage(IReadOnlyDictionary<string, string[]> Data, IReadOnlyList<string> Degraded);

/// <summary>The guide's "Scenario 3: Microservices Data Aggregation": ten services in three tiers, two seconds for all of them together.</summary>
internal sealed class Dashboard(ResiliencePipelineProvider<string> pipelineProvider, ScatterGather gather, IUserServices services)
{
    public const string Settings = """
        { "Pipelines": {
            "critical": { "Timeout": { "Read": "00:00:03" },   "Bulkhead": { "MaxConcurrency": 30 } },
            "standard": { "Timeout": { "Read": "00:00:01.5" }, "Bulkhead": { "MaxConcurrency": 20 } },
            "optional": { "Timeout": { "Read": "00:00:01" },   "Bulkhead": { "MaxConcurrency": 10 } } } }
        """;

    public static readonly TimeSpan Deadline = TimeSpan.FromSeconds(2);

    public static readonly string[] Names =
    [
        "user_profile", "account_balance",
        "recent_transactions", "notifications", "quick_actions",
        "recommendations", "market_data", "social_feed", "promotions", "rewards",
    ];

    public async Task<DashboardPage> LoadAsync(string userId, CancellationToken cancellationToken = default)
    {
        var critical = pipelineProvider.GetPipeline("critical");
        var standard = pipelineProvider.GetPipeline("standard");
        var optional = pipelineProvider.GetPipeline("optional");

        // Critical: the dashboard is broken without these.
        gather.Add("user_profile", critical, Get("user_profile"), Get("cached profile"));
        gather.Add("account_balance", critical, Get("account_balance"), ["unavailable"]);

        // Standard: important, with fallbacks.
        gather.Add("recent_transactions", standard, Get("recent_transactions"), Get("cached transactions"));
        gather.Add("notifications", standard, Get("notifications"), []);
        gather.Add("quick_actions", standard, Get("quick_actions"), ["transfer", "pay"]);

        // Optional: nice to have.
        gather.Add("recommendations", optional, Get("recommendations"), []);
        gather.Add("market_data", optional, Get("market_data"), Get("cached market data"));
        gather.Add("social_feed", optional, Get("social_feed"), []);
        gather.Add("promotions", optional, Get("promotions"), []);
        gather.Add("rewards", optional, Get("rewards"), []);

        await gather.RunAsync(Deadline, cancellationToken);

        return new DashboardPage(gather.Parts.OfType<ScatterPart<string[]>>().ToDictionary(part => part.Name, part => part.Value), gather.Degraded);

        Func<CancellationToken, ValueTask<string[]>> Get(string service) => token => services.GetAsync(service, userId, token);
    }
}
