using System.Diagnostics.CodeAnalysis;
using Microsoft.Extensions.DependencyInjection;
using Polly;
using Polly.Registry;

namespace Resilience.Polly;

/// <summary>Named pipelines for consoles, scripts and tests without a container. Settings and behaviour are those of <c>AddResilience</c>.</summary>
/// <remarks>It has a container inside, like <c>LoggerFactory.Create</c>. Dispose of the object when no call runs any more.</remarks>
public sealed class ResiliencePipelines : ResiliencePipelineProvider<string>, IDisposable, IAsyncDisposable
{
    private readonly ServiceProvider _services;

    private ResiliencePipelines(ServiceProvider services) => _services = services;

    /// <summary>The registered services: <see cref="IResilienceMonitor"/>, <see cref="ICircuitBreakerControl"/>, HTTP clients and services of your own.</summary>
    public IServiceProvider Services => _services;

    private ResiliencePipelineProvider<string> Provider => _services.GetRequiredService<ResiliencePipelineProvider<string>>();

    /// <summary>Creates pipelines, and validates their settings at once.</summary>
    /// <param name="configure">Adds pipelines and listeners. Its <see cref="IResilienceBuilder.Services"/> takes a configuration section, HTTP clients, logging or a <see cref="TimeProvider"/>.</param>
    /// <returns>The pipelines; get them by name.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="configure"/> is <see langword="null"/>.</exception>
    /// <exception cref="ResilienceConfigurationException">Settings have faults. The message lists all of them.</exception>
    public static ResiliencePipelines Create(Action<IResilienceBuilder> configure)
    {
        ArgumentNullException.ThrowIfNull(configure);
        var services = new ServiceCollection();
        configure(services.AddResilience());
        var provider = services.BuildServiceProvider();
        try
        {
            provider.GetRequiredService<IResilienceMonitor>(); // this validates
            return new(provider);
        }
        catch
        {
            provider.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public override bool TryGetPipeline(string key, [NotNullWhen(true)] out ResiliencePipeline? pipeline) => Provider.TryGetPipeline(key, out pipeline);

    /// <inheritdoc/>
    public override bool TryGetPipeline<TResult>(string key, [NotNullWhen(true)] out ResiliencePipeline<TResult>? pipeline) => Provider.TryGetPipeline(key, out pipeline);

    /// <inheritdoc/>
    public override ResiliencePipeline GetPipeline(string key) => Provider.GetPipeline(key);

    /// <inheritdoc/>
    public override ResiliencePipeline<TResult> GetPipeline<TResult>(string key) => Provider.GetPipeline<TResult>(key);

    /// <summary>Ends the pipelines and everything that was registered with them.</summary>
    public void Dispose() => _services.Dispose();

    /// <inheritdoc cref="Dispose"/>
    /// <returns>Ends when everything has been disposed of.</returns>
    public ValueTask DisposeAsync() => _services.DisposeAsync();
}
