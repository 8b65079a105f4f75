using System.Net;
using Microsoft.Extensions.DependencyInjection;
using Polly;

namespace Resilience.Polly.AspNetCore.Tests;

/// <summary>Calls to six services, each of them in another state: what somebody sees who opens the dashboard during an incident.</summary>
internal sealed class DemoTraffic : IAsyncDisposable
{
    private readonly CancellationTokenSource _end = new();
    private readonly List<Task> _callers = [];

    private DemoTraffic()
    {
    }

    public static void AddPipelines(IResilienceBuilder builder) => builder
        .AddPipeline("catalog")
        .AddPipeline("payments", o =>
        {
            o.Importance = PipelineImportance.Critical;
            o.BaseAddress = new Uri("https://payments.internal/v2/");
            o.Retry.MaxAttempts = 2;
            o.Retry.MinWait = o.Retry.MaxWait = TimeSpan.FromMilliseconds(20);
        })
        .AddPipeline("search", o =>
        {
            o.Retry.MinWait = TimeSpan.FromMilliseconds(10);
            o.Retry.MaxWait = TimeSpan.FromMilliseconds(50);
        })
        .AddPipeline("inventory", o =>
        {
            o.Bulkhead.MaxConcurrency = 10;
            o.Bulkhead.AcquisitionTimeout = TimeSpan.FromMilliseconds(400);
        })
        .AddPipeline("recommendations", o =>
        {
            o.CircuitBreaker.RecoveryTimeout = TimeSpan.FromMilliseconds(500);
            o.CircuitBreaker.FailureThreshold = 1;
            o.Retry.Jitter = false;
        })
        .AddPipeline("reports", o => o.Importance = PipelineImportance.Background);

    /// <param name="app">The application with the pipelines.</param>
    /// <param name="isIncident">Whether something is wrong with most services; otherwise all is well.</param>
    public static async Task<DemoTraffic> StartAsync(DashboardApp app, bool isIncident)
    {
        var traffic = new DemoTraffic();
        traffic.Call(app.Pipeline("catalog"), callers: 3, pause: 60, milliseconds: 18);
        traffic.Call(app.Pipeline("search"), callers: 4, pause: 70, milliseconds: 40, failures: isIncident ? 0.2 : 0.01);
        traffic.Call(app.Pipeline("inventory"), callers: isIncident ? 16 : 4, pause: 10, milliseconds: isIncident ? 250 : 90);
        traffic.Call(app.Pipeline("payments"), callers: 3, pause: 110, milliseconds: 60, failures: isIncident ? 1 : 0);
        if (isIncident)
        {
            await app.OpenAsync("recommendations"); // nobody calls, so that it waits for a probe
            app.Circuits.Isolate("reports");
        }

        return traffic;
    }

    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync();
        await Task.WhenAll(_callers);
        _end.Dispose();
    }

    private void Call(ResiliencePipeline pipeline, int callers, int pause, int milliseconds, double failures = 0) =>
        _callers.AddRange(Enumerable.Range(0, callers).Select(number => CallAsync(pipeline, new Random(number), pause, milliseconds, failures)));

    private async Task CallAsync(ResiliencePipeline pipeline, Random chance, int pause, int milliseconds, double failures)
    {
        while (!_end.IsCancellationRequested)
        {
            try
            {
                await pipeline.ExecuteAsync(async token =>
                {
                    await Task.Delay((int)(milliseconds * (0.5 + (chance.NextDouble() * chance.NextDouble() * 4))), token);
                    if (chance.NextDouble() < failures)
                    {
                        throw new HttpRequestException("down", null, HttpStatusCode.ServiceUnavailable);
                    }
                });
            }
            catch (ApiCallException)
            {
                // That is what the dashboard is to show.
            }

            await Task.Delay(pause).WaitAsync(TimeSpan.FromSeconds(10));
        }
    }
}
