using System.Diagnostics;
using System.Net;
using Microsoft.Extensions.DependencyInjection;

namespace Resilience.Polly.Http.Tests.Parity;

/// <summary>Two clients that differ in nothing but a pipeline, each before a server of its own, and the same requests through both.</summary>
internal sealed class ParityRun : IAsyncDisposable
{
    private const int Requests = 40;

    private readonly int _seed;
    private readonly Random _random;
    private readonly int _version;
    private readonly bool _decompresses;
    private readonly bool _cookies;
    private readonly bool _redirects;
    private readonly string _credentials;
    private readonly ServiceProvider _services;

    public ParityRun(int seed)
    {
        (_seed, _random) = (seed, new Random(seed));
        _version = _random.Next(3) == 0 ? 2 : 1;
        (_decompresses, _cookies, _redirects) = (_random.Next(2) == 0, _random.Next(2) == 0, _random.Next(5) > 0);
        _credentials = _random.Next(4) switch { 0 => "network", 1 => "cache", _ => "none" };
        var services = new ServiceCollection();
        services.AddLogging();
        services.AddResilience().AddPipeline("piped", o =>
        {
            o.Retry.MaxAttempts = 1;
            o.CircuitBreaker.Mode = CircuitBreakerMode.Disabled;
        });
        Configure(services.AddHttpClient("plain"));
        Configure(services.AddHttpClient("piped").AddResilience());
        _services = services.BuildServiceProvider();
    }

    public HashSet<string> Seen { get; } = [];

    /// <summary>One text for each request that did not look the same.</summary>
    public List<string> Differences { get; } = [];

    public async Task RunAsync()
    {
        using var listener = new ActivityListener
        {
            ShouldListenTo = source => source.Name == "System.Net.Http",
            Sample = static (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllDataAndRecorded,
        };
        ActivitySource.AddActivityListener(listener);
        await using var plainServer = await ParityServer.StartAsync(_version);
        await using var pipedServer = await ParityServer.StartAsync(_version);
        var clients = _services.GetRequiredService<IHttpClientFactory>();
        using var plain = clients.CreateClient("plain");
        using var piped = clients.CreateClient("piped");
        for (var number = 0; number < Requests; number++)
        {
            var scenario = new Scenario(_random, _version);
            var expected = await ObserveAsync(plain, plainServer, scenario);
            var actual = await ObserveAsync(piped, pipedServer, scenario);
            Compare(expected, actual, $"seed {_seed}, request {number}, HTTP/{_version}, {this}: {scenario}");
            Seen.UnionWith(scenario.Answers.Select(answer => answer.Status.ToString()));
        }
    }

    public override string ToString() =>
        $"{(_decompresses ? "decompresses" : "raw")}, {(_cookies ? "cookies" : "no cookies")}, {(_redirects ? "redirects" : "no redirects")}, credentials {_credentials}";

    public ValueTask DisposeAsync() => _services.DisposeAsync();

    private static async Task<List<(string What, string Value)>> ObserveAsync(HttpClient client, ParityServer server, Scenario scenario)
    {
        using var activity = new Activity("caller").SetIdFormat(ActivityIdFormat.W3C).Start();
        server.Begin(scenario.AnswersAt(server.Address));
        using var request = scenario.Request(server.Address);
        var seen = await CallerView.OfAsync(client, request, scenario);

        // The two servers have ports of their own.
        return [.. seen.Concat(server.Seen()).Select(one => (one.What, one.Value.Replace($":{server.Address.Port}", ":PORT", StringComparison.Ordinal)))];
    }

    private void Compare(List<(string What, string Value)> expected, List<(string What, string Value)> actual, string about)
    {
        var missing = expected.Except(actual).Select(one => $"plain:    {one.What} = {one.Value}");
        var added = actual.Except(expected).Select(one => $"pipeline: {one.What} = {one.Value}");
        string[] differences = [.. missing, .. added];
        if (differences.Length > 0)
        {
            Differences.Add($"{about}\n  {string.Join("\n  ", differences.Order(StringComparer.Ordinal))}");
        }
    }

    private void Configure(IHttpClientBuilder builder) => builder
        .ConfigurePrimaryHttpMessageHandler(() => new SocketsHttpHandler
        {
            AutomaticDecompression = _decompresses ? DecompressionMethods.All : DecompressionMethods.None,
            UseCookies = _cookies,
            AllowAutoRedirect = _redirects,
            MaxAutomaticRedirections = 2,
            Credentials = _credentials switch
            {
                "network" => new NetworkCredential("user", "password"),
                "cache" => new CredentialCache { { new Uri("http://127.0.0.1"), "Basic", new NetworkCredential("user", "password") } },
                _ => null,
            },
        })
        .ConfigureHttpClient(client =>
        {
            client.DefaultRequestVersion = new Version(_version, _version == 2 ? 0 : 1);
            client.DefaultVersionPolicy = HttpVersionPolicy.RequestVersionExact;
            client.DefaultRequestHeaders.Add("X-Default", "default");
        });
}
