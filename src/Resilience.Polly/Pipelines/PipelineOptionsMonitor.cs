using Microsoft.Extensions.Options;

namespace Resilience.Polly.Pipelines;

/// <summary>The settings in force, by the name of the pipeline, as an IOptionsMonitor.</summary>
internal sealed class PipelineOptionsMonitor(PipelineRegistry registry) : IOptionsMonitor<PipelineOptions>
{
    public PipelineOptions CurrentValue =>
        throw new InvalidOperationException("Pipelines have settings by name only: use Get with the name of a pipeline.");

    // A copy: changing it does not change the settings in force.
    public PipelineOptions Get(string? name) => PipelineOptions.Settings.Copy(registry.Get(name ?? "").Settings.Options);

    public IDisposable OnChange(Action<PipelineOptions, string?> listener)
    {
        ArgumentNullException.ThrowIfNull(listener);
        return new Subscription(registry, name => listener(Get(name), name));
    }

    private sealed class Subscription : IDisposable
    {
        private readonly PipelineRegistry _registry;
        private readonly Action<string> _changed;

        public Subscription(PipelineRegistry registry, Action<string> changed)
        {
            (_registry, _changed) = (registry, changed);
            _registry.Changed += _changed;
        }

        public void Dispose() => _registry.Changed -= _changed;
    }
}
