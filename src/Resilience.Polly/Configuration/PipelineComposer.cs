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

    private readonly Dictionary<string, PipelineOptions> _built = new(StringComparer.OrdinalIgnoreCase);
    private readonly HashSet<SettingFault> _faults = []; // the defaults are read more than once, and their faults are told once
    private PipelineOptions? _root;

    private PipelineComposer(ResilienceSetup setup, Surroundings surroundings) => (_setup, _surroundings) = (setup, surroundings);

    /// <summary>What a pipeline that is based on no other starts from.</summary>
    private PipelineOptions Root => _root ??= ReadDefaults();

    /// <exception cref="ResilienceConfigurationException">The settings do not validate.</exception>
    public static ComposedSettings Compose(ResilienceSetup setup, Surroundings surroundings, IEnumerable<PipelineUse> uses)
    {
        var composer = new PipelineComposer(setup, surroundings);
        composer.Collect();
        var pipelines = composer._layers.Values
            .Select(layers => new NamedOptions(layers.Name, composer.Build(layers)))
            .ToDictionary(pipeline => pipeline.Name, StringComparer.OrdinalIgnoreCase);
        composer.CheckUses(uses);
        var queues = new QueueComposer(setup, pipelines, composer._faults).Compose();
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

    /// <summary>The options of a pipeline, built on those of its base. Each pipeline is built once, however many are based on it.</summary>
    private PipelineOptions Build(PipelineLayers layers)
    {
        foreach (var next in Unbuilt(layers))
        {
            var options = (next.BasedOn is { } baseName && _built.TryGetValue(baseName, out var parent) ? parent : Root).Clone();
            next.Apply(options, _faults);
            options.BasedOn = next.BasedOn;
            PipelineSettings.CheckTogether(options, next.Path, _faults);
            PipelineSettings.CheckSurroundings(options, next.Path, _surroundings, _faults);
            ChaosSettings.CheckPlace(options.Chaos, _surroundings.Environment, next.Path, _faults);
            _built.Add(next.Name, options);
        }

        return _built[layers.Name];
    }

    /// <summary>The pipeline and those of its bases that are not built yet, the furthest first.</summary>
    private Stack<PipelineLayers> Unbuilt(PipelineLayers layers)
    {
        var chain = new Stack<PipelineLayers>();
        var members = new HashSet<PipelineLayers>();
        for (var next = layers; next is not null && !_built.ContainsKey(next.Name); next = BaseOf(next))
        {
            if (!members.Add(next))
            {
                var last = chain.Peek();
                var circle = chain.Reverse().SkipWhile(member => member != next).Select(member => member.Name);
                _faults.Add(new($"{last.Path}:BasedOn", $"\"{last.BasedOn}\"", $"goes round in a circle: {NameList.Of(circle, " > ")} > {next.Name}"));
                break;
            }

            chain.Push(next);
        }

        return chain;
    }

    private PipelineLayers? BaseOf(PipelineLayers layers)
    {
        if (layers.BasedOn is not { } baseName)
        {
            return null;
        }

        if (!_layers.TryGetValue(baseName, out var next))
        {
            _faults.Add(new($"{layers.Path}:BasedOn", $"\"{baseName}\"", $"there is no pipeline of this name, known are {NameList.Of(_layers.Keys)}"));
        }

        return next;
    }

    // A client fails with its first call otherwise, which may be long after the start.
    private void CheckUses(IEnumerable<PipelineUse> uses)
    {
        foreach (var clients in uses.Where(use => !_layers.ContainsKey(use.PipelineName)).GroupBy(use => use.PipelineName, use => use.Client, StringComparer.OrdinalIgnoreCase))
        {
            string[] names = [.. clients.Distinct(StringComparer.Ordinal)];
            _faults.Add(new(
                $"the pipeline of {(names.Length == 1 ? "client" : "clients")} {NameList.Of(names)}",
                $"\"{clients.Key}\"",
                $"there is no pipeline of this name, known are {NameList.Of(_layers.Keys)}"));
        }
    }

    private PipelineOptions ReadDefaults()
    {
        var options = new PipelineOptions();
        foreach (var defaults in _defaults)
        {
            PipelineSettings.Block.Read(defaults, options, _faults);
        }

        return options;
    }
}
