using Microsoft.Extensions.DependencyInjection;

namespace Resilience.Polly.Http.Tests.Calls;

/// <summary>A request that .NET refuses to send is the caller's mistake: told as without a pipeline, made once, and no word on the service.</summary>
public class RequestFaultTests
{
    private static readonly (string Name, Action<HttpRequestMessage> Apply)[] Oddities =
    [
        ("header é", m => m.Headers.TryAddWithoutValidation("X-Name", "René")),
        ("header emoji", m => m.Headers.TryAddWithoutValidation("X-Name", "a\U0001F600")),
        ("user agent é", m => m.Headers.TryAddWithoutValidation("User-Agent", "é")),
        ("host é", m => m.Headers.Host = "é"),
        ("authorization é", m => m.Headers.TryAddWithoutValidation("Authorization", "Bearer é")),
        ("long header é", m => m.Headers.TryAddWithoutValidation("X-Name", new string('a', 8000) + "é")),
        ("header NUL", m => m.Headers.TryAddWithoutValidation("X-Name", "a\0b")),
        ("content header é", m => (m.Content ??= new StringContent("body")).Headers.TryAddWithoutValidation("X-Name", "é")),
        ("chunked without a body", m => (m.Content, m.Headers.TransferEncodingChunked) = (null, true)),
        ("chunked over 1.0", m => (m.Content, m.Version, m.Headers.TransferEncodingChunked) = (new StringContent("body"), new(1, 0), true)),
        ("too little announced", m => (m.Content = new ByteArrayContent(new byte[100])).Headers.ContentLength = 10),
        ("too much announced", m => (m.Content = new ByteArrayContent(new byte[10])).Headers.ContentLength = 100),
        ("version 0.9", m => m.Version = new(0, 9)),
        ("version 4.0", m => m.Version = new(4, 0)),
        ("ftp", m => m.RequestUri = new Uri("ftp://127.0.0.1/")),
        ("query", m => m.RequestUri = new Uri(m.RequestUri!, "?é=ü")),
        ("long header", m => m.Headers.TryAddWithoutValidation("X-Long", new string('a', 20_000))),
        ("expect", m => m.Headers.ExpectContinue = true),
    ];

    private static HttpApp App(Tries tries, Action<PipelineOptions>? more = null) => new(
        o =>
        {
            o.Retry.MaxAttempts = 3;
            (o.CircuitBreaker.Mode, o.CircuitBreaker.FailureThreshold) = (CircuitBreakerMode.Enforce, 1000);
            more?.Invoke(o);
        },
        client => client.AddHttpMessageHandler(() => new Counting(tries)));

    public static TheoryData<string> Refused => ["header é", "host é", "content header é", "chunked without a body", "chunked over 1.0", "too little announced", "version 0.9", "ftp"];

    [Theory]
    [MemberData(nameof(Refused))]
    public async Task Request_that_is_refused_reaches_the_caller_as_without_a_pipeline(string oddity)
    {
        await using var server = new ScriptedServer(Reply.Status(503), Reply.Ok());
        var tries = new Tries();
        await using var app = App(tries, o => o.Retry.MaxAttempts = 1);
        await Record.ExceptionAsync(() => app.Client.GetAsync(server.Address.AbsoluteUri)); // one failure before
        tries.Count = 0;

        Assert.NotNull(await CheckAsync(app, tries, server, [Oddities.Single(o => o.Name == oddity)], oddity));

        Assert.Equal((1, 1), (app.Snapshot.CircuitBreaker.FailureCount, tries.Count));
    }

    [Fact]
    public async Task Requests_of_any_oddity_end_as_without_a_pipeline()
    {
        var seed = Environment.TickCount;
        var random = new Random(seed);
        await using var server = new ScriptedServer((_, _) => Reply.Ok());
        var tries = new Tries();
        await using var app = App(tries);
        var refused = 0;
        for (var i = 0; i < 120; i++)
        {
            var oddities = random.GetItems(Oddities, random.Next(1, 4));
            refused += await CheckAsync(app, tries, server, oddities, $"seed {seed}, case {i}: {string.Join(", ", oddities.Select(o => o.Name))}") is null ? 0 : 1;
        }

        Assert.InRange(refused, 1, 119);
        Assert.Equal((0, refused), (app.Snapshot.CircuitBreaker.FailureCount, (int)app.Snapshot.Lifetime.Refused));
    }

    [Fact]
    public async Task Handler_that_throws_what_a_network_would_is_retried_as_ever()
    {
        await using var app = new HttpApp(o => o.Retry.MaxAttempts = 3, client => client.ConfigurePrimaryHttpMessageHandler(() => new Failing()));

        Assert.Equal(3, (await Assert.ThrowsAsync<ApiConnectionException>(() => app.Client.GetAsync("http://127.0.0.1:9/"))).Attempts);
    }

    [Fact]
    public async Task Connection_that_breaks_is_no_fault_of_the_request()
    {
        foreach (var reply in new[] { Reply.Reset, Reply.Close })
        {
            await using var server = new ScriptedServer(reply);
            await using var app = new HttpApp(o => o.Retry.MaxAttempts = 2);

            Assert.Equal(2, (await Assert.ThrowsAsync<ApiConnectionException>(() => app.Client.PostAsync(server.Address.AbsoluteUri, new StringContent("body"), "id"))).Attempts);
        }
    }

    private static async Task<Exception?> CheckAsync(
        HttpApp app, Tries tries, ScriptedServer server, IEnumerable<(string Name, Action<HttpRequestMessage> Apply)> oddities, string what)
    {
        HttpRequestMessage Request()
        {
            var request = new HttpRequestMessage(HttpMethod.Put, server.Address);
            foreach (var (_, apply) in oddities)
            {
                apply(request);
            }

            return request;
        }

        using var bare = new HttpClient(new SocketsHttpHandler());
        var plain = await Record.ExceptionAsync(() => bare.SendAsync(Request()));
        var before = tries.Count;
        var client = app.Services.GetRequiredService<IHttpClientFactory>().CreateClient(HttpApp.Name);
        var seen = await Record.ExceptionAsync(() => client.SendAsync(Request()));

        Assert.True(tries.Count - before == 1, $"{what}: {tries.Count - before} attempts");
        Assert.True((plain?.GetType(), plain?.Message) == (seen?.GetType(), seen?.Message), $"{what}: {seen}\nin place of {plain}");
        return seen;
    }

    private sealed class Tries
    {
        public int Count { get; set; }
    }

    private sealed class Counting(Tries tries) : DelegatingHandler
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            tries.Count++;
            return base.SendAsync(request, cancellationToken);
        }
    }

    private sealed class Failing : HttpMessageHandler
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) =>
            throw new HttpRequestException("as tests simulate a network");
    }
}
