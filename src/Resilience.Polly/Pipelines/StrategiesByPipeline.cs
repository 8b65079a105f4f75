using Microsoft.Extensions.DependencyInjection;
using Polly;
using Polly.Registry;
using Resilience.Polly.Configuration;
using Resilience.Polly.Events;
using Resilience.Polly.Primitives;
using Resilience.Polly.Settings;
using Resilience.Polly.Strategies;

namespace Resilience.Polly.Pipelines;

/// <summary>Builds the strategies that the application adds to its pipelines, once for each pipeline, and disposes them. Called under the lock of <see cref="PipelineRegistry"/>.</summary>
internal sealed class StrategiesByPipeline : IDisposable, IAsyncDisposable
{
    private readonly Dictionary<string, PipelineStrategies> _added = new(StringComparer.OrdinalIgnoreCase);
    private readonly Dictionary<string, AddedStrategies> _built = new(StringComparer.OrdinalIgnoreCase);
    private readonly HashSet<string> _building = new(StringComparer.OrdinalIgnoreCase);
    private readonly IServiceProvider _services;
    private readonly ApplicationServices _surroundings;

    public StrategiesByPipeline(ResilienceRegistrations setup, IServiceProvider services, ApplicationServices application)
    {
        (_services, _surroundings) = (services, application);
        foreach (var pipeline in setup.CodePipelines.Where(pipeline => pipeline.Strategies is not null))
        {
            _added.TryAdd(pipeline.Name, pipeline.Strategies!); // a name that was added twice is a fault of the settings
        }
    }

    /// <exception cref="ResilienceConfigurationException">They cannot be built.</exception>
    public AddedStrategies Of(string name, string? template = null) =>
        !_added.TryGetValue(name, out var added) && (template is null || !_added.TryGetValue(template, out added)) ? AddedStrategies.None
        : _built.TryGetValue(name, out var built) ? built
        : Build(name, added);

    /// <summary>The same, if they are built already: a reload builds nothing.</summary>
    public AddedStrategies BuiltFor(string name) => _built.GetValueOrDefault(name, AddedStrategies.None);

    public void Dispose() => DisposeAsync().AsTask().GetAwaiter().GetResult();

    public async ValueTask DisposeAsync()
    {
        foreach (var built in _built.Values)
        {
            await built.DisposeAsync().ConfigureAwait(false);
        }
    }

    private AddedStrategies Build(string name, PipelineStrategies added)
    {
        if (!_building.Add(name))
        {
            throw new InvalidOperationException($"A callback that adds strategies to pipeline '{name}' asks for that pipeline. Ask for it when a strategy runs.");
        }

        var telemetry = _services.GetRequiredService<ResiliencePipelineBuilder>().TelemetryListener;
        var owner = new ResiliencePipelineRegistry<int>(new ResiliencePipelineRegistryOptions<int>
        {
            BuilderFactory = () => new ResiliencePipelineBuilder
            {
                TimeProvider = _surroundings.Clock,
                TelemetryListener = telemetry is null ? null : new StrategyEvents(telemetry),
            },
            BuilderNameFormatter = _ => name,
        });
        try
        {
            var aroundCall = Build(added.Call, 0, owner);
            return _built[name] = new(aroundCall, Build(added.Attempt, added.Call.Count, owner), owner);
        }
        catch (Exception exception) // any exception of the application's code is a fault of the settings
        {
            owner.Dispose();
            throw new ResilienceConfigurationException(
                [new SettingFault(name, null, $"the code that adds strategies to this pipeline failed: {exception.GetType().Name}: {exception.Message.ReplaceLineEndings(" ")}").ToString()]);
        }
        finally
        {
            _building.Remove(name);
        }
    }

    private StrategyChain? Build(List<BuildStrategies> added, int firstKey, ResiliencePipelineRegistry<int> owner) =>
        added.Count == 0 ? null : new([.. added.Select((build, place) => build(owner, firstKey + place, _services))]);
}
