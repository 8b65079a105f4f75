using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Polly;
using Polly.Registry;

namespace Resilience.Polly.TestKit;

/// <summary>An application with named pipelines on a clock that the test moves.</summary>
public sealed class TestPipelines : IAsyncDisposable
{
    public const string Name = "payments";

    private readonly ServiceProvider _services;

    public TestPipelines(Action<IServiceCollection> configure, TimeProvider? clock = null)
    {
        var services = new ServiceCollection();
        services.AddSingleton(clock ?? Clock);
        configure(services);
        _services = services.BuildServiceProvider();
    }

    /// <summary>Moves only when a test says so. Unused where the test brought a clock of its own.</summary>
    public TestClock Clock { get; } = new(new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero));

    public IServiceProvider Services => _services;

    public ResiliencePipelineProvider<string> Provider => _services.GetRequiredService<ResiliencePipelineProvider<string>>();

    public ResiliencePipeline Pipeline => Provider.GetPipeline(Name);

    public IResilienceMonitor Monitor => _services.GetRequiredService<IResilienceMonitor>();

    public ICircuitBreakerControl Control => _services.GetRequiredService<ICircuitBreakerControl>();

    public PipelineSnapshot Snapshot => Monitor.GetSnapshot(Name);

    /// <summary>One pipeline named <see cref="Name"/>, set in code.</summary>
    public static TestPipelines Of(Action<PipelineOptions> configure, TimeProvider? clock = null, params IResilienceListener[] listeners) =>
        new(
            services =>
            {
                var builder = services.AddResilience().AddPipeline(Name, configure);
                foreach (var listener in listeners)
                {
                    builder.AddListener(listener);
                }
            },
            clock);

    /// <summary>Pipelines from the JSON of a <c>Resilience</c> section's content.</summary>
    public static TestPipelines FromJson(string json, Action<IResilienceBuilder>? more = null) =>
        new(services =>
        {
            var builder = services.AddResilience(Json.Section(json));
            more?.Invoke(builder);
        });

    /// <summary>Starts what a host would start.</summary>
    public async Task StartAsync()
    {
        foreach (var service in _services.GetServices<IHostedService>())
        {
            await service.StartAsync(CancellationToken.None);
        }
    }

    /// <summary>Stops what a host would stop.</summary>
    public async Task StopAsync()
    {
        foreach (var service in _services.GetServices<IHostedService>().Reverse())
        {
            await service.StopAsync(CancellationToken.None);
        }
    }

    /// <summary>Lets time pass second by second: a clock that leaps has a timer look once.</summary>
    public void Pass(int seconds)
    {
        for (var second = 0; second < seconds; second++)
        {
            Clock.Advance(TimeSpan.FromSeconds(1));
        }
    }

    public ValueTask DisposeAsync() => _services.DisposeAsync();
}
