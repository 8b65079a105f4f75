using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Polly;

namespace Resilience.Polly.AspNetCore.Tests;

/// <summary>
/// An application that has had five minutes with an incident, played on a clock of its own: a circuit is open, another one is isolated, an alert is raised and one is
/// over. The clock goes on while a page is looked at.
/// </summary>
internal sealed class RecordedIncident : IAsyncDisposable
{
    private const int StepsPerSecond = 20;

    private static readonly TimeSpan Step = TimeSpan.FromSeconds(1.0 / StepsPerSecond);

    // Calls per second, milliseconds, and the share of failures at a second of the incident.
    private static readonly (string Name, double Rate, int Milliseconds, Func<int, double> Failures)[] Services =
    [
        ("payments", 6, 60, second => second > 200 ? 1 : 0),
        ("search", 12, 40, second => second is > 60 and < 150 ? 0.25 : 0.002),
        ("inventory", 44, 260, _ => 0),
        ("market-data", 5, 30, second => second is > 90 and < 130 ? 1 : 0),
        ("catalog", 30, 18, _ => 0),
        ("reports", 0, 0, _ => 0),
        ("users", 14, 12, _ => 0.001),
        ("orders", 9, 85, _ => 0),
        ("shipping", 4, 140, _ => 0.01),
        ("recommendations", 8, 220, _ => 0.02),
        ("notifications", 3, 25, _ => 0),
        ("ads", 11, 35, _ => 0),
        ("profile", 7, 22, _ => 0),
        ("balance", 2, 48, _ => 0),
        ("transactions", 5, 110, _ => 0),
        ("posts", 6, 31, _ => 0),
        ("deliveries", 2, 95, _ => 0),
        ("refunds", 0.5, 900, _ => 0),
        ("a-service-with-a-name-that-is-much-longer-than-any-column-of-the-list-is-wide", 1, 1_400, _ => 0),
    ];

    private readonly Random _chance = new(1);
    private readonly CancellationTokenSource _end = new();
    private readonly List<ResiliencePipeline> _pipelines = [];
    private Task _going = Task.CompletedTask;
    private int _steps;

    private RecordedIncident(DashboardApp app) => App = app;

    public DashboardApp App { get; }

    /// <param name="count">The number of pipelines; those beyond the first 19 are idle.</param>
    public static async Task<RecordedIncident> PlayAsync(int count)
    {
        var names = Services.Select(service => service.Name).Concat(Enumerable.Range(1, 200).Select(number => $"tenant-{number:000}")).Take(count).ToArray();
        var incident = new RecordedIncident(await DashboardApp.StartAsync(
            builder => Array.ForEach(names, name => builder.AddPipeline(name, Configure)),
            map: app => app.MapResilienceDashboard(configure: options => options.TraceUrl = "https://traces.example/search?id={requestId}"),
            isClockFake: true,
            startsAt: DateTimeOffset.UtcNow.AddSeconds(-330)));
        incident._pipelines.AddRange(names.Take(Services.Length).Select(incident.App.Pipeline));
        for (var second = 0; second < 330; second++)
        {
            if (second == 30 && count > 1)
            {
                incident.App.Circuits.Isolate("reports");
            }

            for (var step = 0; step < StepsPerSecond; step++)
            {
                incident.Advance();

                // Calls continue on the thread pool. This turn comes after theirs, so on a busy machine the clock does not run ahead of them.
                await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
            }
        }

        incident._going = incident.GoOnAsync();
        return incident;

        static void Configure(PipelineOptions options)
        {
            (options.Retry.MinWait, options.Retry.MaxWait) = (TimeSpan.FromMilliseconds(200), TimeSpan.FromSeconds(1));
            (options.Bulkhead.MaxConcurrency, options.Bulkhead.AcquisitionTimeout) = (12, TimeSpan.FromMilliseconds(400));
            options.CircuitBreaker.RecoveryTimeout = TimeSpan.FromSeconds(30);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync();
        await _going;
        _end.Dispose();
        await App.DisposeAsync();
    }

    private async Task GoOnAsync()
    {
        while (!_end.IsCancellationRequested)
        {
            Advance();
            await Task.Delay(Step, CancellationToken.None);
        }
    }

    private void Advance()
    {
        var second = _steps++ / StepsPerSecond;
        for (var i = 0; i < _pipelines.Count; i++)
        {
            var (_, rate, milliseconds, failures) = Services[i];
            for (var due = (rate / StepsPerSecond) - _chance.NextDouble(); due > 0; due--)
            {
                _ = CallAsync(_pipelines[i], milliseconds * (0.5 + (_chance.NextDouble() * _chance.NextDouble() * 3)), () => _chance.NextDouble() < failures(second));
            }
        }

        App.Clock.Advance(Step);
    }

    private async Task CallAsync(ResiliencePipeline pipeline, double milliseconds, Func<bool> fails)
    {
        var context = ResilienceContextPool.Shared.Get();
        context.Properties.Set(CallProperties.RequestId, "order-4711");
        try
        {
            await pipeline.ExecuteAsync(
                async called =>
                {
                    await Task.Delay(TimeSpan.FromMilliseconds(milliseconds), App.Clock, called.CancellationToken);
                    if (fails())
                    {
                        throw new HttpRequestException("down", null, HttpStatusCode.ServiceUnavailable);
                    }
                },
                context);
        }
        catch (ApiCallException)
        {
            // That is what the dashboard is to show.
        }
        finally
        {
            ResilienceContextPool.Shared.Return(context);
        }
    }
}
