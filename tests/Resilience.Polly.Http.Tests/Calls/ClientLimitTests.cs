using Microsoft.Extensions.DependencyInjection;

namespace Resilience.Polly.Http.Tests.Calls;

/// <summary>What a client of an application sets on its HttpClient itself, after the factory has made it.</summary>
[Collection(nameof(RealTime))]
public class ClientLimitTests
{
    private static HttpApp App(Action<PipelineOptions>? more = null) => new(more: services =>
    {
        services.AddResilience().AddPipeline("catalog", o =>
        {
            (o.Retry.MaxAttempts, o.Retry.MinWait, o.CircuitBreaker.FailureThreshold) = (2, TimeSpan.Zero, 2);
            more?.Invoke(o);
        });
        services.AddHttpClient<Impatient>("catalog").AddResilience();
        services.AddHttpClient("catalog", client => client.DefaultRequestHeaders.Add("X-Client", "catalog"));
    });

    private static Reply Chunked(int length) => Reply.StallAfter(
        $"{length:x}\r\n{new string('x', length)}\r\n0\r\n\r\n", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");

    [Fact]
    public async Task Timeout_of_a_typed_client_is_a_timeout_and_opens_the_circuit()
    {
        await using var server = new ScriptedServer(Reply.Silence);
        await using var app = App();
        for (var call = 0; call < 2; call++)
        {
            // As a plain HttpClient tells it.
            var seen = await Assert.ThrowsAsync<TaskCanceledException>(() => app.Services.GetRequiredService<Impatient>().GetAsync(server.Address));
            Assert.IsType<TimeoutException>(seen.InnerException);
        }

        var counts = app.Services.GetRequiredService<IResilienceMonitor>().GetSnapshot("catalog").Calls;
        Assert.Equal((2, 0), (counts.TimedOut, counts.Cancelled));
        await Assert.ThrowsAsync<CircuitOpenException>(() => app.Services.GetRequiredService<Impatient>().GetAsync(server.Address));
        Assert.Equal(2, server.Requests.Count);
    }

    [Theory]
    [InlineData("before the pipeline")]
    [InlineData("after the pipeline")]
    [InlineData("on the client")]
    public async Task Timeout_of_a_client_ends_its_call_wherever_it_was_set(string where)
    {
        var limit = TimeSpan.FromMilliseconds(300);
        await using var server = new ScriptedServer(Reply.Silence);
        await using var app = new HttpApp(more: services =>
        {
            services.AddResilience().AddPipeline("stock", o => o.Timeout.Read = TimeSpan.FromMinutes(10));
            services.AddHttpClient("stock", http => http.Timeout = where == "before the pipeline" ? limit : http.Timeout)
                .AddResilience()
                .ConfigureHttpClient(http => http.Timeout = where == "after the pipeline" ? limit : http.Timeout);
        });
        var http = app.Services.GetRequiredService<IHttpClientFactory>().CreateClient("stock");
        http.Timeout = where == "on the client" ? limit : http.Timeout;
        Assert.Equal(limit, http.Timeout);
        var seen = await Assert.ThrowsAsync<TaskCanceledException>(() => http.GetAsync(server.Address));
        Assert.IsType<TimeoutException>(seen.InnerException);
        Assert.Equal(1, app.Services.GetRequiredService<IResilienceMonitor>().GetSnapshot("stock").Calls.TimedOut);
    }

    [Fact]
    public async Task Caller_of_a_typed_client_that_gives_up_is_no_timeout()
    {
        await using var server = new ScriptedServer(Reply.Silence);
        await using var app = App();
        using var caller = new CancellationTokenSource();
        var http = app.Services.GetRequiredService<IHttpClientFactory>().CreateClient("catalog");
        http.Timeout = TimeSpan.FromMinutes(10);
        var call = http.GetAsync(server.Address, caller.Token);
        while (server.Requests.Count == 0)
        {
            await Task.Delay(10);
        }

        await caller.CancelAsync();
        Assert.Equal(caller.Token, (await Assert.ThrowsAnyAsync<OperationCanceledException>(() => call)).CancellationToken);
        var snapshot = app.Services.GetRequiredService<IResilienceMonitor>().GetSnapshot("catalog");
        Assert.Equal((1, 0, 0), (snapshot.Calls.Cancelled, snapshot.Calls.TimedOut, snapshot.CircuitBreaker.FailureCount));
    }

    [Fact]
    public async Task Handler_with_a_limit_of_its_own_is_a_timeout_and_is_retried()
    {
        await using var server = new ScriptedServer(Reply.Silence, Reply.Ok());
        await using var app = new HttpApp(o => o.Retry.MaxAttempts = 2, client => client.AddHttpMessageHandler(() => new Limiting()));
        (await app.Client.GetAsync(server.Address.AbsoluteUri)).Dispose();
        Assert.Equal(2, server.Requests.Count);
    }

    [Theory]
    [InlineData(1000, 1000, true)]
    [InlineData(1000, 1001, false)]
    [InlineData(100_000, 100_001, false)]
    [InlineData(null, 300_000, true)]
    public async Task Body_may_be_as_large_as_the_client_allows(int? allowed, int length, bool isRead)
    {
        foreach (var reply in new[] { Reply.Ok(new string('x', length)), Chunked(length) })
        {
            await using var server = new ScriptedServer(reply);
            await using var app = App();
            var http = app.Services.GetRequiredService<IHttpClientFactory>().CreateClient("catalog");
            http.MaxResponseContentBufferSize = allowed ?? http.MaxResponseContentBufferSize;
            if (isRead)
            {
                Assert.Equal(length, (await http.GetStringAsync(server.Address)).Length);
                continue;
            }

            var refused = await Assert.ThrowsAsync<ApiConnectionException>(() => http.GetAsync(server.Address));
            Assert.Equal(HttpRequestError.ConfigurationLimitExceeded, refused.HttpRequestError);
            Assert.Contains("MaxResponseContentBufferSize", refused.Message);
            Assert.Single(server.Requests);
        }
    }

    [Fact]
    public async Task Client_is_not_refused_what_it_allows_where_another_of_its_name_allows_less()
    {
        await using var server = new ScriptedServer(Reply.Ok(new string('x', 2000)));
        await using var app = App();
        var factory = app.Services.GetRequiredService<IHttpClientFactory>();
        var (large, small) = (factory.CreateClient("catalog"), factory.CreateClient("catalog"));
        (large.MaxResponseContentBufferSize, small.MaxResponseContentBufferSize) = (3000, 1000);
        Assert.Equal(2000, (await large.GetStringAsync(server.Address)).Length);
        GC.KeepAlive(small);
    }

    [Fact]
    public async Task Body_of_an_error_may_be_larger_than_the_client_allows_and_the_status_is_told()
    {
        await using var server = new ScriptedServer(Reply.Status(404, new string('x', 5000)));
        await using var app = new HttpApp(client: client => client.ConfigureHttpClient(http => http.MaxResponseContentBufferSize = 10));
        await Assert.ThrowsAsync<NotFoundException>(() => app.Client.GetAsync(server.Address.AbsoluteUri));
    }

    private sealed class Impatient
    {
        private readonly HttpClient _http;

        public Impatient(HttpClient http)
        {
            _http = http;
            _http.Timeout = TimeSpan.FromMilliseconds(400);
        }

        public Task<HttpResponseMessage> GetAsync(Uri address) => _http.GetAsync(address);
    }

    private sealed class Limiting : DelegatingHandler
    {
        private int _requests;

        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            using var own = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            own.CancelAfter(Interlocked.Increment(ref _requests) == 1 ? TimeSpan.FromMilliseconds(500) : TimeSpan.FromMinutes(1));
            return await base.SendAsync(request, own.Token);
        }
    }
}
