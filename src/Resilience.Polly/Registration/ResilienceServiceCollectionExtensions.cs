using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;
using Polly;
using Polly.Registry;
using Resilience.Polly;
using Resilience.Polly.Advisor.Rules;
using Resilience.Polly.Configuration;
using Resilience.Polly.Events;
using Resilience.Polly.Monitoring;
using Resilience.Polly.Pipelines;
using Resilience.Polly.Primitives;
using Resilience.Polly.Queues;
using Resilience.Polly.Registration;
using Resilience.Polly.Telemetry;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Adds named resilience pipelines to an application.</summary>
public static class ResilienceServiceCollectionExtensions
{
    /// <summary>Adds the services that <c>AddPipeline</c> needs. May be called more than once.</summary>
    /// <param name="services">The services of the application.</param>
    /// <returns>A builder to add pipelines, listeners and classifiers with.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="services"/> is <see langword="null"/>.</exception>
    public static IResilienceBuilder AddResilience(this IServiceCollection services)
    {
        ArgumentNullException.ThrowIfNull(services);
        if (FindSetup(services) is null)
        {
            AddCore(services);
        }

        return new Builder(services);
    }

    /// <summary>
    /// Adds the pipelines and queues of a configuration section with the keys <c>Defaults</c>, <c>Pipelines</c> and <c>Queues</c>, and follows its changes.
    /// Another call with another section adds to the settings and overrides them.
    /// </summary>
    /// <param name="services">The services of the application.</param>
    /// <param name="section">The section, usually <c>Configuration.GetSection("Resilience")</c>.</param>
    /// <returns>A builder to add pipelines, listeners and classifiers with.</returns>
    /// <exception cref="ArgumentNullException">An argument is <see langword="null"/>.</exception>
    /// <remarks>
    /// The settings are validated when the host starts, or without a host on first use.
    /// Faults are reported together, as one <see cref="ResilienceConfigurationException"/>.
    /// </remarks>
    public static IResilienceBuilder AddResilience(this IServiceCollection services, IConfigurationSection section)
    {
        ArgumentNullException.ThrowIfNull(section);
        var builder = services.AddResilience();
        FindSetup(services)!.Sections.Add(section);
        return builder;
    }

    internal static ResilienceRegistrations? FindSetup(IServiceCollection services) =>
        (ResilienceRegistrations?)services.FirstOrDefault(service => service.ServiceType == typeof(ResilienceRegistrations))?.ImplementationInstance;

    private static void AddCore(IServiceCollection services)
    {
        services.AddResiliencePipelineRegistry<string>();
        services.AddSingleton(new ResilienceRegistrations());
        services.AddMetrics();
        services.AddSingleton<ApplicationServices>();
        services.AddSingleton<CallInstruments>();
        services.AddSingleton<EventHub>();
        services.AddSingleton<LivePipelines>();
        services.AddSingleton<LoadWatch>();
        services.AddSingleton<SharedStateHost>();
        services.AddSingleton<LivePipelineFactory>();
        services.AddSingleton<StrategiesByPipeline>();
        services.AddSingleton<AdviceEvaluator>();
        services.AddSingleton<AdviceWatch>();
        services.AddSingleton<SettingsSource>();
        services.AddSingleton<PipelineRegistry>();
        services.AddSingleton<IResilienceMonitor, ResilienceMonitor>();
        services.AddSingleton<IResilienceAdvisor, ResilienceAdvisor>();
        services.AddSingleton<ICircuitBreakerControl, CircuitBreakerControl>();
        services.AddSingleton<IOptionsMonitor<PipelineOptions>, PipelineOptionsMonitor>();
        services.TryAddTransient<ScatterGather>();
        services.AddSingleton<QueueRegistry>();
        services.AddSingleton<RequestQueueProvider>(provider => provider.GetRequiredService<QueueRegistry>());
        services.AddHostedService<ResilienceStartup>();

        // Replaces Polly's provider, which ours uses for all other names.
        services.Replace(ServiceDescriptor.Singleton<ResiliencePipelineProvider<string>>(provider => new PipelineProvider(
            provider.GetRequiredService<PipelineRegistry>(), provider.GetRequiredService<LivePipelines>(), provider.GetRequiredService<ResiliencePipelineRegistry<string>>)));

        // For every name, so a pipeline that is added to the configuration later can be injected too.
        services.AddKeyedTransient<ResiliencePipeline>(KeyedService.AnyKey, (provider, key) => key is string name
            ? provider.GetRequiredService<ResiliencePipelineProvider<string>>().GetPipeline(name)
            : throw new InvalidOperationException($"A resilience pipeline needs its name as the key, not a {key?.GetType().Name ?? "null"}."));
        services.AddKeyedTransient<RequestQueue>(KeyedService.AnyKey, (provider, key) => key is string name
            ? provider.GetRequiredService<RequestQueueProvider>().GetQueue(name)
            : throw new InvalidOperationException($"A request queue needs its name as the key, not a {key?.GetType().Name ?? "null"}."));
    }

    private sealed record Builder(IServiceCollection Services) : IResilienceBuilder;
}

/// <summary>Continues from <c>AddResilience</c>.</summary>
public interface IResilienceBuilder
{
    /// <summary>The services of the application.</summary>
    IServiceCollection Services { get; }
}
