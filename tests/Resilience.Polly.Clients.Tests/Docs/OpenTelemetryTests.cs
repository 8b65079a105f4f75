using System.Collections.Concurrent;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using OpenTelemetry;
using OpenTelemetry.Exporter;
using OpenTelemetry.Metrics;
using OpenTelemetry.Trace;
using Polly.Registry;

namespace Resilience.Polly.Clients.Tests;

/// <summary>What docs/opentelemetry.md wires up arrives at a backend, over a real socket.</summary>
public class OpenTelemetryTests
{
    [Fact]
    public async Task Counts_and_traces_of_a_pipeline_arrive_over_otlp()
    {
        var received = new ConcurrentDictionary<string, string>();
        await using var backend = await BackendAsync(received);
        await using var services = Services(new Uri(backend.Urls.Single() + "/"));
        var (metrics, traces) = (services.GetRequiredService<MeterProvider>(), services.GetRequiredService<TracerProvider>());

        await services.GetRequiredService<ResiliencePipelineProvider<string>>().GetPipeline("payments").ExecuteAsync(_ => ValueTask.CompletedTask);

        Assert.True(traces.ForceFlush(60_000) && metrics.ForceFlush(60_000));
        Assert.Contains("resilience.calls", received["/v1/metrics"], StringComparison.Ordinal);
        Assert.Contains("resilience.circuit.state", received["/v1/metrics"], StringComparison.Ordinal);
        Assert.Contains("payments call", received["/v1/traces"], StringComparison.Ordinal);
    }

    // The services that the page registers. Code sets the address of the exporter, which the page leaves to the environment.
    private static ServiceProvider Services(Uri backend)
    {
        var services = new ServiceCollection();
        services.AddResilience().AddPipeline("payments");
        services.AddOpenTelemetry()
            .WithMetrics(metrics => metrics.AddMeter("Resilience.Polly"))
            .WithTracing(tracing => tracing.AddSource("Resilience.Polly"))
            .UseOtlpExporter(OtlpExportProtocol.HttpProtobuf, backend);
        return services.BuildServiceProvider();
    }

    private static async Task<WebApplication> BackendAsync(ConcurrentDictionary<string, string> received)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var app = builder.Build();
        app.Run(async context =>
        {
            using var body = new MemoryStream();
            await context.Request.Body.CopyToAsync(body);
            received.AddOrUpdate(context.Request.Path, Encoding.Latin1.GetString(body.ToArray()), (_, before) => before + Encoding.Latin1.GetString(body.ToArray()));
        });
        await app.StartAsync();
        return app;
    }
}
