using System.Net;
using BenchmarkDotNet.Attributes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Resilience.Polly.Http;

namespace Resilience.Polly.Benchmarks;

/// <summary>GET over loopback, one after another and sixteen at once: HttpClient alone, with each way of making it resilient.</summary>
[MemoryDiagnoser]
#pragma warning disable CA1001 // BenchmarkDotNet calls CleanUpAsync instead
public class HttpGet
#pragma warning restore CA1001
{
    internal const int CallsPerTask = 100;

    private WebApplication _server = null!;
    private ServiceProvider _services = null!;
    private string _address = "";
    private HttpClient _plain = null!;
    private HttpClient _phases = null!;
    private HttpClient _resilience = null!;
    private HttpClient _standard = null!;
    private ResilientClient _client = null!;

    [Params(1, 16)]
    public int Concurrent { get; set; }

    [GlobalSetup]
    public async Task SetUpAsync()
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        _server = builder.Build();
        var hello = "hello"u8.ToArray();
        _server.Run(context =>
        {
            context.Response.ContentLength = hello.Length;
            return context.Response.Body.WriteAsync(hello).AsTask();
        });
        await _server.StartAsync();
        _address = _server.Urls.Single() + "/";

        var services = new ServiceCollection();
        services.AddLogging();
        services.AddResilience().AddPipeline("resilience");
        services.AddHttpClient("plain");
        services.AddHttpClient("resilience").AddResilience();
        services.AddHttpClient("standard").AddStandardResilienceHandler();
        services.AddResilientClient("client", _ => { });
        _services = services.BuildServiceProvider();
        var factory = _services.GetRequiredService<IHttpClientFactory>();
        _plain = factory.CreateClient("plain");
        _resilience = factory.CreateClient("resilience");
        _standard = factory.CreateClient("standard");
        _client = _services.GetRequiredKeyedService<ResilientClient>("client");
        _phases = new HttpClient(new PhaseTimeoutHandler(new SocketsHttpHandler(), new TimeoutOptions()));
    }

    [GlobalCleanup]
    public async Task CleanUpAsync()
    {
        _phases.Dispose();
        await _services.DisposeAsync();
        await _server.DisposeAsync();
    }

    [Benchmark(Baseline = true, OperationsPerInvoke = CallsPerTask)]
    public Task Plain_HttpClient() => CallAsync(this, static self => self._plain.GetAsync(self._address));

    [Benchmark(OperationsPerInvoke = CallsPerTask)]
    public Task Phase_timeouts_only() => CallAsync(this, static self => self._phases.GetAsync(self._address));

    [Benchmark(OperationsPerInvoke = CallsPerTask)]
    public Task AddResilience() => CallAsync(this, static self => self._resilience.GetAsync(self._address));

    [Benchmark(OperationsPerInvoke = CallsPerTask)]
    public Task ResilientClient() => CallAsync(this, static self => self._client.GetAsync(self._address));

    [Benchmark(OperationsPerInvoke = CallsPerTask)]
    public Task AddStandardResilienceHandler() => CallAsync(this, static self => self._standard.GetAsync(self._address));

    // Counted are the calls of one task, so that with sixteen tasks the figures are those of sixteen calls.
    private static Task CallAsync(HttpGet self, Func<HttpGet, Task<HttpResponseMessage>> call) =>
        Task.WhenAll(Enumerable.Range(0, self.Concurrent).Select(async _ =>
        {
            for (var i = 0; i < CallsPerTask; i++)
            {
                (await call(self)).Dispose();
            }
        }));
}
