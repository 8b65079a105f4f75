using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Resilience.Polly.Primitives;
using Resilience.Polly.Settings;

namespace Resilience.Polly.Configuration;

/// <summary>
/// Builds the options of every pipeline from layers, later ones winning:
/// <c>Defaults</c>, the pipeline it is based on, its own sections, code. Collects all faults before it throws.
/// </summary>
internal sealed class PipelineComposer(ResilienceRegistrations setup, ApplicationServices application)
{
    private const string KnownKeys = "Defaults, Pipelines, Queues";

    private readonly Dictionary<string, PipelineLayers> _layers = new(StringComparer.OrdinalIgnoreCase);
    private readonly HashSet<SettingFault> _faults = []; // a set, so that each mistake is reported once
    private readonly PipelineOptions _root = new(); // the start of a pipeline that is based on no other
    private readonly List<PipelineLayers> _chain = [];
    private readonly SharedStateOptions? _sharedState = application.Provider.GetService<SharedStateOptions>();
    private readonly List<SettingFault> _found = [];

    /// <exception cref="ResilienceConfigurationException">The settings do not validate.</exception>
    public static ResolvedOptions Compose(
        ResilienceRegistrations setup, IConfiguration? configuration, ApplicationServices application, IEnumerable<PipelineUse> uses)
    {
        var composer = new PipelineComposer(setup, application);
        SettingsEntry[] sections = [.. setup.Sections.Select(section => SettingsEntry.Read(section, configuration))];
        composer.Collect(sections);
        var pipelines = new Dictionary<string, NamedOptions>(composer._layers.Count, StringComparer.OrdinalIgnoreCase);
        var templates = new PipelineTemplates(composer.BuildAll(pipelines));
        composer.CheckUses(uses, templates);
        var queues = new QueueComposer(setup, pipelines, templates, composer._faults).Compose(sections);
        return composer._faults.Count == 0
            ? new(pipelines, templates, queues)
            : throw new ResilienceConfigurationException([.. composer._faults.Select(fault => fault.ToString())]);
    }

    /// <summary>Builds the options of all pipelines, and returns those of the templates.</summary>
    private List<NamedOptions> BuildAll(Dictionary<string, NamedOptions> pipelines)
    {
        List<NamedOptions> templates = [];
        foreach (var layers in _layers.Values)
        {
            var built = new NamedOptions(layers.Name, Build(layers));
            if (PipelineTemplates.IsTemplate(built.Name))
            {
                templates.Add(built);
            }
            else
            {
                pipelines.Add(built.Name, built);
            }
        }

        return templates;
    }

    private void Collect(SettingsEntry[] sections)
    {
        foreach (var section in sections)
        {
            if (!string.IsNullOrEmpty(section.Value))
            {
                _faults.Add(SettingFault.At(section, $"a block of settings is expected here, with the keys {KnownKeys}"));
            }

            foreach (var entry in section.Children)
            {
                switch (entry.Key.ToString().ToUpperInvariant())
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
                        _faults.Add(SettingFault.At(entry, $"unknown key, known here are {KnownKeys}"));
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
        if (defaults[nameof(_root.BasedOn)] is { } basedOn)
        {
            _faults.Add(SettingFault.At(basedOn, "the defaults are what everything is based on; name a base at a pipeline"));
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
            LayersOf(entry.Key.ToString(), pipelines.Path).Sections.Add(entry);
        }
    }

    private PipelineLayers LayersOf(string name, string where)
    {
        if (string.IsNullOrWhiteSpace(name))
        {
            _faults.Add(new(where, $"\"{name}\"", "the name of a pipeline is empty"));
        }
        else if (PipelineTemplates.FaultOf(name) is { } fault)
        {
            _faults.Add(new(where, $"\"{name}\"", fault));
        }

        if (!_layers.TryGetValue(name, out var layers))
        {
            _layers.Add(name, layers = new PipelineLayers(name));
        }

        return layers;
    }

    /// <summary>The options of a pipeline, built on those of its base. Each pipeline is built once, however many pipelines are based on it.</summary>
    private PipelineOptions Build(PipelineLayers layers)
    {
        AddUnbuilt(layers);
        for (; _chain.Count > 0; _chain.RemoveAt(_chain.Count - 1))
        {
            var next = _chain[^1];
            var options = PipelineOptions.Settings.Copy(BaseOf(next)?.Options ?? _root);
            next.Apply(options, application.Provider, _faults);
            PipelineOptions.Settings.CheckRules(options, _found);
            Find(options.LoadShedding?.FaultBeside(application.LoadReader), nameof(options.LoadShedding));
            Find(options.CircuitBreaker?.FaultBeside(_sharedState), nameof(options.CircuitBreaker));
            Find(options.Bulkhead?.FaultBeside(_sharedState), nameof(options.Bulkhead));
            Find(options.Chaos?.FaultIn(application.Environment), nameof(options.Chaos));
            _found.ForEach(fault => _faults.Add(fault.Inside(next.Path)));
            _found.Clear();
            next.Options = options;
        }

        return layers.Options!;
    }

    /// <summary>Adds the pipeline, and its bases that are not built yet, to the chain, the furthest last.</summary>
    private void AddUnbuilt(PipelineLayers layers)
    {
        for (var next = layers; next is { Options: null }; next = BaseOf(next))
        {
            if (next.IsInChain)
            {
                var circle = _chain.SkipWhile(member => member != next).Select(member => member.Name);
                _faults.Add(_chain[^1].FaultOfBase($"goes round in a circle: {NameList.Of(circle, " > ")} > {next.Name}"));
                break;
            }

            next.IsInChain = true;
            _chain.Add(next);
        }
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

    // Otherwise the first call of a client would fail, which may be long after the start.
    private void CheckUses(IEnumerable<PipelineUse> uses, PipelineTemplates templates)
    {
        foreach (var clients in uses.Where(use => !_layers.ContainsKey(use.PipelineName) && templates.Find(use.PipelineName) is null).GroupBy(use => use.PipelineName, use => use.Client, StringComparer.OrdinalIgnoreCase))
        {
            string[] names = [.. clients.Distinct(StringComparer.Ordinal)];
            _faults.Add(new(
                $"the pipeline of {(names.Length == 1 ? "client" : "clients")} {NameList.Of(names)}",
                $"\"{clients.Key}\"",
                NameList.NoPipeline(_layers.Keys)));
        }
    }

    private void Find(SettingFault? fault, string block)
    {
        if (fault is { } found)
        {
            _found.Add(found.Inside(block));
        }
    }

    /// <summary>The sources of the own settings of one pipeline: configuration sections, then code.</summary>
    private sealed class PipelineLayers(string name)
    {
        public string Name => name;

        public List<SettingsEntry> Sections { get; } = [];

        public CodePipeline? Code { get; set; }

        public bool IsInChain { get; set; }

        public PipelineOptions? Options { get; set; }

        /// <summary>The name of the place in messages.</summary>
        public string Path => Sections.Count > 0 ? Sections[^1].Path : name;

        /// <summary>The pipeline that this one starts from, according to the code or the sections.</summary>
        public string? BasedOn => Code?.BasedOn ?? Sections.FindLast(section => !string.IsNullOrWhiteSpace(section[nameof(BasedOn)]?.Value))?[nameof(BasedOn)]!.Value;

        public void Apply(PipelineOptions options, IServiceProvider services, ICollection<SettingFault> faults)
        {
            foreach (var section in Sections)
            {
                PipelineOptions.Settings.Read(section, options, faults);
            }

            options.BasedOn = BasedOn;
            if (Code?.Configure is { } configure)
            {
                PipelineOptions.Settings.Run(o => configure(o, services), options, name, "pipeline", faults);
            }
        }

        /// <summary>The fault of <see cref="BasedOn"/>, reported where it is set.</summary>
        public SettingFault FaultOfBase(string problem) => Code?.BasedOn is null
            ? new($"{Path}:{nameof(BasedOn)}", $"\"{BasedOn}\"", problem)
            : SettingFault.InCode($"{name}:{nameof(BasedOn)}", $"\"{BasedOn}\"", problem);
    }
}
