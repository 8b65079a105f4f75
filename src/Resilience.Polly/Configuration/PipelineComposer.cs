using Microsoft.Extensions.Configuration;
using Resilience.Polly.Primitives;
using Resilience.Polly.Settings;

namespace Resilience.Polly.Configuration;

/// <summary>
/// Builds the options of every pipeline from layers, later ones winning:
/// <c>Defaults</c>, the pipeline it is based on, its own sections, code. Collects all faults before it gives up.
/// </summary>
internal sealed class PipelineComposer(ResilienceSetup setup, Surroundings surroundings)
{
    private readonly Dictionary<string, PipelineLayers> _layers = new(StringComparer.OrdinalIgnoreCase);

    private readonly Dictionary<string, PipelineOptions> _built = new(StringComparer.OrdinalIgnoreCase);
    private readonly HashSet<SettingFault> _faults = []; // a set, so that each mistake is reported once
    private readonly PipelineOptions _root = new(); // what a pipeline that is based on no other starts from

    /// <param name="setup">What the application said.</param>
    /// <param name="application">Its configuration, where it has one.</param>
    /// <param name="surroundings">What else the application gives.</param>
    /// <param name="uses">The clients of the pipelines.</param>
    /// <exception cref="ResilienceConfigurationException">The settings do not validate.</exception>
    public static ComposedSettings Compose(
        ResilienceSetup setup, IConfiguration? application, Surroundings surroundings, IEnumerable<PipelineUse> uses)
    {
        var composer = new PipelineComposer(setup, surroundings);
        SettingsEntry[] sections = [.. setup.Sections.Select(section => SettingsEntry.Read(section, application))];
        composer.Collect(sections);
        var pipelines = composer._layers.Values
            .Select(layers => new NamedOptions(layers.Name, composer.Build(layers)))
            .ToDictionary(pipeline => pipeline.Name, StringComparer.OrdinalIgnoreCase);
        composer.CheckUses(uses);
        var queues = new QueueComposer(setup, pipelines, composer._faults).Compose(sections);
        return composer._faults.Count == 0
            ? new(pipelines, queues)
            : throw new ResilienceConfigurationException([.. composer._faults.Select(fault => fault.ToString())]);
    }

    private void Collect(SettingsEntry[] sections)
    {
        foreach (var section in sections)
        {
            foreach (var entry in section.Children)
            {
                switch (entry.Key.ToUpperInvariant())
                {
                    case "DEFAULTS":
                        ReadDefaults(entry);
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

        foreach (var code in setup.CodePipelines)
        {
            var layers = LayersOf(code.Name, "an AddPipeline call");
            if (layers.Code is not null)
            {
                _faults.Add(new(code.Name, null, "AddPipeline was called twice with this name; put all settings into one call"));
            }

            layers.Code = code;
        }
    }

    private void ReadDefaults(SettingsEntry defaults)
    {
        PipelineOptions.Settings.Read(defaults, _root, _faults);
        if (_root.BasedOn is not null)
        {
            _faults.Add(SettingFault.At(
                defaults[nameof(_root.BasedOn)]!, "the defaults are what everything is based on; name a base at a pipeline"));
            _root.BasedOn = null;
        }
    }

    private void CollectPipelines(SettingsEntry pipelines)
    {
        if (!string.IsNullOrEmpty(pipelines.Value))
        {
            _faults.Add(SettingFault.At(pipelines, "a block of named pipelines is expected here"));
        }

        foreach (var entry in pipelines.Children)
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
            var options = PipelineOptions.Settings.Copy(next.BasedOn is { } baseName && _built.TryGetValue(baseName, out var parent) ? parent : _root);
            next.Apply(options, _faults);
            PipelineOptions.Settings.CheckRules(options, next.Path, _faults);
            Tell(options.LoadShedding?.FaultBeside(surroundings.LoadReader), $"{next.Path}:{nameof(options.LoadShedding)}");
            Tell(options.Chaos?.FaultIn(surroundings.Environment), $"{next.Path}:{nameof(options.Chaos)}");
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
                _faults.Add(last.FaultOfBase($"goes round in a circle: {NameList.Of(circle, " > ")} > {next.Name}"));
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
            _faults.Add(layers.FaultOfBase(NameList.NoPipeline(_layers.Keys)));
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
                NameList.NoPipeline(_layers.Keys)));
        }
    }

    private void Tell(SettingFault? fault, string block)
    {
        if (fault is { } found)
        {
            _faults.Add(found with { Path = $"{block}:{found.Path}" });
        }
    }
}
