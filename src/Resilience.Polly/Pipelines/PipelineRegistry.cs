using Microsoft.Extensions.Logging;
using Resilience.Polly.Advisor.Rules;
using Resilience.Polly.Configuration;
using Resilience.Polly.Events;
using Resilience.Polly.Flow;
using Resilience.Polly.Pipelines.Options;
using Resilience.Polly.Primitives;
using Resilience.Polly.Strategies;

namespace Resilience.Polly.Pipelines;

/// <summary>
/// Owns the pipelines by name. Each is created once, on first use, and gets new settings when the configuration changes.
/// Names ignore case, as configuration keys do.
/// </summary>
internal sealed class PipelineRegistry : IDisposable
{
    private readonly Lock _changing = new();
    private readonly SettingsSource _source;
    private readonly LivePipelines _pipelines;
    private readonly LivePipelineFactory _factory;
    private readonly StrategiesByPipeline _strategies;
    private readonly LoadWatch _load;
    private readonly AdviceEvaluator _advice;
    private readonly ILogger _logger;
    private readonly List<IDisposable> _watches;
    private readonly TemplatePipelines _templates;
    private ResolvedOptions _settings = ResolvedOptions.None;

    /// <exception cref="ResilienceConfigurationException">The settings do not validate, or earn advice that is refused.</exception>
    public PipelineRegistry(
        SettingsSource source,
        LivePipelines pipelines,
        LivePipelineFactory factory,
        StrategiesByPipeline strategies,
        LoadWatch load,
        AdviceEvaluator advice,
        ApplicationServices application)
    {
        _source = source;
        _pipelines = pipelines;
        _factory = factory;
        _strategies = strategies;
        _load = load;
        _advice = advice;
        _logger = application.Logger;
        _templates = new(pipelines, application.Clock);

        // Watched before the first read, so no change falls between the two.
        _watches = source.Watch(Reload);
        try
        {
            lock (_changing)
            {
                _settings = _source.Read();
            }
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>The settings of a pipeline have changed and are in force.</summary>
    public event Action<string>? Changed;

    /// <summary>A changed configuration was processed. All of it that can be in force is.</summary>
    public event Action? Reloaded;

    /// <summary>The configured names, and earlier ones that are still in use.</summary>
    public IEnumerable<string> Names => Options.Keys.Union(_pipelines.Names, StringComparer.OrdinalIgnoreCase);

    /// <summary>The settings of all <see cref="Names"/>. Reading them creates no pipeline.</summary>
    public IReadOnlyList<NamedOptions> InForce
    {
        get
        {
            // Read once: a reload may remove a name meanwhile.
            var settings = Volatile.Read(ref _settings);
            return [.. settings.All, .. _pipelines.InUse.Where(pipeline => settings.Find(pipeline.Name) is null).Select(LastSettingsOf)];
        }
    }

    public IReadOnlyDictionary<string, NamedQueue> Queues => Volatile.Read(ref _settings).Queues;

    private IReadOnlyDictionary<string, NamedOptions> Options => Volatile.Read(ref _settings).Pipelines;

    /// <exception cref="KeyNotFoundException">There is no such pipeline.</exception>
    public LivePipeline Get(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        return Find(name) ?? throw Unknown(name);
    }

    /// <summary>The pipeline of a name, created if it is not in use yet.</summary>
    public LivePipeline? Find(string name, bool byTemplate = true)
    {
        if (_pipelines.TryGet(name, out var pipeline))
        {
            return pipeline;
        }

        // The same lock as a reload takes, so a pipeline is neither created twice nor from settings that are being replaced.
        lock (_changing)
        {
            return FindKnown(name) is { } known ? known
                : Options.TryGetValue(name, out var options) ? Add(options)
                : byTemplate && _settings.Templates.Find(name) is { } wanted ? AddByTemplate(wanted)
                : null;
        }
    }

    /// <summary>The settings of one pipeline. Reading them creates no pipeline.</summary>
    /// <exception cref="KeyNotFoundException">There is no such pipeline.</exception>
    public NamedOptions OptionsOf(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        return Volatile.Read(ref _settings).Find(name) is { } options ? options
            : _pipelines.TryGet(name, out var pipeline) ? LastSettingsOf(pipeline)
            : throw Unknown(name);
    }

    // A name that may not be shown is not.
    public KeyNotFoundException Unknown(string name) => name.Length > 0 && PipelineTemplates.FaultOfRuntimeName(name) is { } fault
        ? new($"There is no resilience pipeline of this name, and no template applies to it: it {fault}.")
        : new($"There is no resilience pipeline named '{name}'. Known are: {NameList.Of(Names.Order(StringComparer.OrdinalIgnoreCase))}. " +
            "Add it to the configuration under Pipelines, or in code with AddPipeline.");

    /// <summary>Logs every pipeline in one line, and all advice.</summary>
    /// <exception cref="ResilienceConfigurationException">Strategies that the application adds to a pipeline cannot be built.</exception>
    public void Describe()
    {
        NamedOptions[] all = [.. Volatile.Read(ref _settings).All.OrderBy(pipeline => pipeline.Name, StringComparer.OrdinalIgnoreCase)];
        foreach (var (name, options, _) in all)
        {
            Log.PipelineReady(_logger, PipelineSummary.Of(name, options, StrategiesOf(name)));
            WarnOfChaos(name, null, options);
        }

        Tell(_advice.On(all));
    }

    /// <summary>Forgets idle pipelines that come from templates. To call once a second.</summary>
    public void ForgetIdle()
    {
        lock (_changing)
        {
            _templates.ForgetIdle();
        }
    }

    public void Dispose() => _watches.ForEach(watch => watch.Dispose());

    /// <summary>Puts the changed configuration in force as a whole, or not at all.</summary>
    private void Reload()
    {
        // Reported outside the lock: a listener may get pipelines.
        foreach (var name in TakeOver())
        {
            Tell(name);
        }

        Reloaded?.Invoke();
    }

    private void Tell(string name)
    {
        foreach (var listener in Changed?.GetInvocationList() ?? [])
        {
            try
            {
                ((Action<string>)listener)(name);
            }
            catch (Exception exception) // the settings are already in force, and others need the event
            {
                Log.ChangeListenerFailed(_logger, exception, name);
            }
        }
    }

    private List<string> TakeOver()
    {
        lock (_changing)
        {
            ResolvedOptions settings;
            try
            {
                settings = _source.Read();
            }
            catch (ResilienceConfigurationException refused)
            {
                Log.ReloadRefused(_logger, refused.Message);
                return [];
            }

            var old = _settings;
            Volatile.Write(ref _settings, settings);
            List<string> changed =
            [
                .. settings.All.Where(pipeline => Change(pipeline.Name, old.OwnOf(pipeline.Name)?.Options, pipeline.Options)).Select(pipeline => pipeline.Name),
                .. FollowTemplates(settings),
            ];
            foreach (var (name, _, _) in old.All)
            {
                if (settings.OwnOf(name) is null)
                {
                    Log.PipelineRemoved(_logger, name);
                }
            }

            return changed;
        }
    }

    // The change of the template is logged; those of its pipelines would repeat it.
    private IEnumerable<string> FollowTemplates(ResolvedOptions settings)
    {
        foreach (var pipeline in _pipelines.InUse.Concat(_templates.Held).ToArray())
        {
            if (settings.Find(pipeline.Name) is { Template: not null } wanted && !PipelineOptions.Settings.AreEqual(pipeline.Settings.Options, wanted.Options))
            {
                Apply(pipeline, wanted.Options, PipelineSummary.Of(pipeline.Name, wanted.Options, pipeline.Strategies));
                yield return pipeline.Name;
            }
        }
    }

    private LivePipeline AddByTemplate(NamedOptions wanted)
    {
        if (_templates.HasRoom(wanted, out var isFirst))
        {
            return AddCounted(wanted);
        }

        var overflow = PipelineTemplates.OverflowOf(wanted.Template!);
        if (isFirst)
        {
            Log.TemplateFull(_logger, wanted.Template!, wanted.Options.MaxPartitions, wanted.Name, overflow);
        }

        return FindKnown(overflow) ?? AddCounted(wanted with { Name = overflow });
    }

    private LivePipeline? FindKnown(string name) => _pipelines.TryGet(name, out var pipeline) ? pipeline : _templates.FindHeld(name);

    private LivePipeline AddCounted(NamedOptions wanted)
    {
        var added = Add(wanted);
        _templates.Added(added);
        return added;
    }

    private LivePipeline Add(NamedOptions options)
    {
        var pipeline = _factory.Create(options, _strategies.Of(options.Name, options.Template));
        _load.Tell(pipeline);
        return _pipelines.Add(pipeline);
    }

    private AddedStrategies StrategiesOf(string name)
    {
        lock (_changing)
        {
            return _strategies.Of(name);
        }
    }

    private bool Change(string name, PipelineOptions? old, PipelineOptions fresh)
    {
        _pipelines.TryGet(name, out var pipeline);
        old ??= pipeline?.Settings.Options;
        if (old is not null && PipelineOptions.Settings.AreEqual(old, fresh))
        {
            return false;
        }

        var summary = PipelineSummary.Of(name, fresh, _strategies.BuiltFor(name));
        Log.PipelineChanged(_logger, summary);
        WarnOfChaos(name, old, fresh);
        if (pipeline is not null)
        {
            Apply(pipeline, fresh, summary);
        }

        Tell(_advice.New(name, old, fresh));
        return true;
    }

    private void Apply(LivePipeline pipeline, PipelineOptions fresh, string summary)
    {
        pipeline.Apply(fresh);
        _load.Tell(pipeline);
        pipeline.Events.SettingsChanged(summary);
    }

    /// <summary>Puts other timeouts in force if a debugger has come or gone. To call once a second.</summary>
    public void FollowDebugger()
    {
        if (_source.IsOutdated)
        {
            Reload();
        }
    }

    private void WarnOfChaos(string name, PipelineOptions? old, PipelineOptions fresh)
    {
        if (fresh.Chaos.IsOn && old?.Chaos.IsOn != true)
        {
            Log.ChaosOn(_logger, name, PipelineSummary.Of(fresh.Chaos));
        }
    }

    private static NamedOptions LastSettingsOf(LivePipeline pipeline) => new(pipeline.Name, pipeline.Settings.Options);

    private void Tell(IEnumerable<Advice> earned)
    {
        foreach (var advice in earned)
        {
            AdviceLog.Earned(_logger, advice);
        }
    }
}
