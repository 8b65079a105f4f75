using System.Diagnostics;
using Microsoft.Extensions.DependencyInjection;

namespace Resilience.Polly.Http.Tests.Redirects;

/// <summary>
/// A client that is redirected does what a plain HttpClient does: the servers see the same requests, credentials, cookies, bodies and spans, and the caller
/// gets the same answer. Requests, clients and servers are random; a failure names the seed.
/// </summary>
[Collection(nameof(RealTime))]
public class RedirectParityTests
{
    [Theory]
    [InlineData(1, 120)]
    [InlineData(2, 40)]
    public async Task Redirects_are_those_of_a_plain_client(int version, int cases)
    {
        using var listener = RedirectSpans.Listen();
        await using var servers = await RedirectServers.StartAsync(version);
        var first = Environment.TickCount & 0xFFFFFF;
        TestContext.Current.TestOutputHelper?.WriteLine($"seed {first}");
        for (var seed = first; seed < first + cases; seed++)
        {
            await CompareAsync(seed, servers, version);
        }
    }

    /// <summary>Seeds that failed once.</summary>
    [Theory]
    [InlineData(1, 1)]
    public async Task Redirects_of_a_seed_are_those_of_a_plain_client(int version, int seed)
    {
        using var listener = RedirectSpans.Listen();
        await using var servers = await RedirectServers.StartAsync(version);
        await CompareAsync(seed, servers, version);
    }

    private static async Task CompareAsync(int seed, RedirectServers servers, int version)
    {
        var test = new RedirectCase(new Random(seed), servers, version);
        using var plain = new HttpClient(test.Primary());
        using var bare = new HttpClient(new PhaseTimeoutHandler(test.Primary(), new TimeoutOptions()));
        await using var services = Services(test);
        using var whole = services.GetRequiredService<IHttpClientFactory>().CreateClient("parity");
        foreach (var request in test.Requests)
        {
            var expected = await RunAsync(plain, request, test, servers);
            foreach (var (name, client) in new[] { ("phases alone", bare), ("pipeline", whole) })
            {
                var actual = await RunAsync(client, request, test, servers);
                Assert.True(
                    expected.Servers == actual.Servers && Same(expected.Caller, actual.Caller, mapped: client == whole),
                    $"seed {seed}, {name}: {servers.Named(test.ToString())}\n{servers.Named(request.ToString())}\n\nplain client\n{expected}\n\n{name}\n{actual}");
            }
        }
    }

    private static async Task<Outcome> RunAsync(HttpClient client, RedirectCase.Request request, RedirectCase test, RedirectServers servers)
    {
        servers.Begin(request.Plan, test.Guarded);
        RedirectSpans.Begin();
        using var activity = new Activity("caller").Start();
        using var message = request.Message(test.Version);
        string caller;
        try
        {
            using var response = await client.SendAsync(message, TestContext.Current.CancellationToken);
            var headers = response.Headers.Concat(response.Content.Headers)
                .Where(header => header.Key is not ("Date" or "Server"))
                .Select(header => $"{header.Key}={string.Join(",", header.Value)}")
                .Order(StringComparer.Ordinal);
            var sent = response.RequestMessage!;
            caller = $"{(int)response.StatusCode} to {sent.Method} {sent.RequestUri} with {NameOf(sent.Content)}, authorization {sent.Headers.Authorization}"
                + $" [{string.Join("; ", headers)}] {await response.Content.ReadAsStringAsync()}";
        }
        catch (Exception failure) when (failure is not OperationCanceledException)
        {
            caller = $"{failure.GetType().Name} {failure.InnerException?.GetType().Name}";
        }

        return new(string.Join("\n", servers.Seen), servers.Named(caller));
    }

    // A pipeline gives a POST without a content an empty one, so that .NET does not repeat it.
    private static string NameOf(HttpContent? content) => content is null or ByteArrayContent { Headers.ContentLength: 0 } ? "no content" : content.GetType().Name;

    // What an application decides itself differs: what is thrown for a body that cannot be sent again, and for a redirect to no server; and a pipeline's exceptions are its own.
    private static bool Same(string expected, string actual, bool mapped) =>
        expected == actual
        || (IsFailure(expected) && mapped && IsFailure(actual))
        || (expected == "HttpRequestException InvalidOperationException" && actual.StartsWith("InvalidOperationException", StringComparison.Ordinal))
        || (expected.StartsWith("UriFormatException", StringComparison.Ordinal) && actual == "HttpRequestException UriFormatException");

    private static bool IsFailure(string caller) => !char.IsAsciiDigit(caller[0]);

    private static ServiceProvider Services(RedirectCase test)
    {
        var services = new ServiceCollection();
        services.AddLogging();
        services.AddResilience().AddPipeline("parity", options =>
        {
            options.Retry.MaxAttempts = 1;
            options.CircuitBreaker.Mode = CircuitBreakerMode.Disabled;
            options.Idempotency.MaxRequestBufferSize = 0; // a kept body survives a challenge that a plain client gives up at
        });
        services.AddHttpClient("parity").AddResilience().ConfigurePrimaryHttpMessageHandler(test.Primary);
        return services.BuildServiceProvider();
    }

    private sealed record Outcome(string Servers, string Caller)
    {
        public override string ToString() => $"{Servers}\n=> {Caller}";
    }
}
