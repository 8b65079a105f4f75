using Microsoft.Extensions.DependencyInjection;
using static Resilience.Polly.Tests.Guide.Services;

namespace Resilience.Polly.Tests.Guide;

/// <summary>One dashboard that is loaded while three of its ten services hang and two fail; which, the seed says.</summary>
internal sealed class DashboardRun : IAsyncDisposable
{
    public const int Hung = 3;
    public const int Failing = 2;

    private readonly int _seed;
    private readonly ScatterGather _gather;
    private readonly Dashboard _dashboard;
    private readonly string[] _ill;

    public DashboardRun(int seed, TimeProvider? clock = null)
    {
        _seed = seed;
        App = new TestPipelines(services => services.AddResilience(Json.Section(Dashboard.Settings)), clock);
        _gather = App.Services.GetRequiredService<ScatterGather>();
        _dashboard = new Dashboard(App.Provider, _gather, Services);
        var random = new Random(seed);
        _ill = [.. Dashboard.Names.OrderBy(_ => random.Next()).Take(Hung + Failing)];
        foreach (var (index, name) in _ill.Index())
        {
            Services[name] = index >= Hung ? Mood.Fails : random.Next(2) == 0 ? Mood.Hangs : Mood.HangsAndIgnoresItsToken;
        }
    }

    public TestPipelines App { get; }

    public Services Services { get; } = new();

    /// <summary>Whether the rest is up to the clock: the good ones have answered, the others had their chance.</summary>
    public bool IsWaitingForTheClock => _gather.Parts.Count(part => part.HasValue) == Dashboard.Names.Length - _ill.Length
        && Services.Hung >= Hung && Services.Failed >= Failing;

    public Task<DashboardPage> LoadAsync() => _dashboard.LoadAsync("ann");

    public void AssertComplete(DashboardPage page)
    {
        Assert.True(
            Dashboard.Names.Where(_ill.Contains).SequenceEqual(page.Degraded),
            $"Seed {_seed}: ill are {string.Join(", ", _ill)}, named are {string.Join(", ", page.Degraded)}.");
        foreach (var name in Dashboard.Names)
        {
            Assert.Equal(_ill.Contains(name) ? InPlaceOf(name) : [$"{name} of ann"], page.Data[name]);
        }
    }

    public ValueTask DisposeAsync() => App.DisposeAsync();

    private static string[] InPlaceOf(string name) => name switch
    {
        "user_profile" => ["cached profile of ann"],
        "recent_transactions" => ["cached transactions of ann"],
        "market_data" => ["cached market data of ann"],
        "account_balance" => ["unavailable"],
        "quick_actions" => ["transfer", "pay"],
        _ => [],
    };
}
