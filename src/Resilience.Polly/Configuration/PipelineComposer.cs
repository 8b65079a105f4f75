using Microsoft.Extensions.Configuration;

namespace Resilience.Polly;

/// <summary>
/// Builds the options of every pipeline from layers, later ones winning:
/// <c>Defaults</c>, the pipeline it is based on, its own sections, code. Collects all faults before it gives up.
/// </summary>
internal sealed class PipelineComposer
{
    private readonly ResilienceSetup _setup;
    private readonly Surroundings _surroundings;
    private readonly List<IConfigurationSection> _defaults = [];
    private readonly Dictionary<string, PipelineLayers> _layers = new(StringComparer.OrdinalIgnoreCase);

    // A base is read once for each pipeline based on it; its faults are told once.
    private readonly HashSet<SettingFault> _faults = [];

    private PipelineComposer(ResilienceSetup setup, Surroundings surroundings) => (_setup, _surroundings) = (setup, surroundings);

    /// <exception cref="ResilienceConfigurationException">The settings do not validate.</exception>
    public static ComposedSettings Compose(ResilienceSetup setup, Surroundings surroundings)
    {
        var composer = new PipelineComposer(setup, surroundings);
        composer.Collect();
        var pipelines = composer._layers.Values
            .Select(layers => new NamedOptions(layers.Name, composer.Build(layers)))
            .ToDictionary(pipeline => pipeline.Name, StringComparer.OrdinalIgnoreCase);
        var queues = new QueueComposer(setup, composer._layers.Keys, composer._faults).Compose();
        return composer._faults.Count == 0
            ? new(pipelines, queues)
            : throw new ResilienceConfigurationException([.. composer._faults.Select(fault => fault.ToString())]);
    }

    private void Collect()
    {
        foreach (var section in _setup.Sections)
        {
            foreach (var entry in section.GetChildren())
            {
                switch (entry.Key.ToUpperInvariant())
                {
                    case "DEFAULTS":
                        _defaults.Add(entry);
                        CheckDefaults(entry);
                        break;
                    case "PIPELINES":
                        CollectPipelines(entry);
                        break;
                    case "QUEUES":
                        break; // read when the names of the pipelines are known
                    default:
                        _faults.Add(SettingFault.At(entry, "unknown key, known here are Defaults, Pipelines, Queues"));
                        break;
                }
            }
        }

        foreach (var code in _setup.CodePipelines)
        {
            var layers = LayersOf(code.Name, "an AddPipeline call");
            if (layers.Code is not null)
            {
                _faults.Add(new(code.Name, null, "AddPipeline was called twice with this name; put all settings into one call"));
            }

            layers.Code = code.Configure;
        }
    }

    private void CheckDefaults(IConfigurationSection defaults)
    {
        var options = new PipelineOptions();
        PipelineSettings.Block.Read(defaults, options, _faults);
        if (options.BasedOn is not null)
        {
            _faults.Add(SettingFault.At(
                defaults.GetSection(nameof(options.BasedOn)), "the defaults are what everything is based on; name a base at a pipeline"));
        }
    }

    private void CollectPipelines(IConfigurationSection pipelines)
    {
        if (!string.IsNullOrEmpty(pipelines.Value))
        {
            _faults.Add(SettingFault.At(pipelines, "a block of named pipelines is expected here"));
        }

        foreach (var entry in pipelines.GetChildren())
        {
            LayersOf(entry.Key, pipelines.Path).Sections.Add(entry);
        }
    }

    private PipelineLayers LayersOf(string name, string where)
    {
        if (string.IsNullOrWhiteSpace(name))
        {
            _faults.Add(new(where, $"\"{name}\"", "the name of a pipeline is empty"));
        }

        if (!_layers.TryGetValue(name, out var layers))
        {
            _layers.Add(name, layers = new PipelineLayers(name));
        }

        return layers;
    }

    private PipelineOptions Build(PipelineLayers layers)
    {
        var options = new PipelineOptions();
        foreach (var defaults in _defaults)
        {
            PipelineSettings.Block.Read(defaults, options, _faults);
        }

        foreach (var layer in Chain(layers))
        {
            layer.Apply(options, _faults);
        }

        options.BasedOn = layers.BasedOn;
        PipelineSettings.CheckTogether(options, layers.Path, _faults);
        PipelineSettings.CheckSurroundings(options, layers.Path, _surroundings, _faults);
        ChaosSettings.CheckPlace(options.Chaos, _surroundings.Environment, layers.Path, _faults);
        return options;
    }

    /// <summary>The pipeline and what it is based on, the furthest base first.</summary>
    private Stack<PipelineLayers> Chain(PipelineLayers layers)
    {
        var chain = new Stack<PipelineLayers>([layers]);
        while (chain.Peek().BasedOn is { } baseName)
        {
            var path = $"{chain.Peek().Path}:BasedOn";
            if (!_layers.TryGetValue(baseName, out var next))
            {
                _faults.Add(new(path, $"\"{baseName}\"", $"there is no pipeline of this name, known are {string.Join(", ", _layers.Keys)}"));
                break;
            }

            if (chain.Contains(next))
            {
                var circle = string.Join(" > ", chain.Reverse().Append(next).Select(layers => layers.Name));
                _faults.Add(new(path, $"\"{baseName}\"", $"goes round in a circle: {circle}"));
                break;
            }

            chain.Push(next);
        }

        return chain;
    }
}
