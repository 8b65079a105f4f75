using Microsoft.Extensions.Configuration;

namespace Resilience.Polly;

/// <summary>Where the own settings of one pipeline come from: configuration sections, then code.</summary>
internal sealed class PipelineLayers(string name)
{
    public string Name => name;

    public List<IConfigurationSection> Sections { get; } = [];

    public Action<PipelineOptions>? Code { get; set; }

    /// <summary>How messages name the place.</summary>
    public string Path => Sections.Count > 0 ? Sections[^1].Path : name;

    public string? BasedOn()
    {
        var probe = new PipelineOptions { BasedOn = Sections.Select(s => s["BasedOn"]).LastOrDefault(b => b is not null) };
        try
        {
            // Code may name a base too. What else it sets here is thrown away; what it throws is told by Apply.
            Code?.Invoke(probe);
        }
#pragma warning disable CA1031
        catch (Exception)
#pragma warning restore CA1031
        {
        }

        return probe.BasedOn;
    }

    public void Apply(PipelineOptions options, ICollection<SettingFault> faults, string origin)
    {
        foreach (var section in Sections)
        {
            PipelineSettings.Block.Read(section, options, faults);
        }

        if (Code is null)
        {
            return;
        }

        try
        {
            Code(options);
        }
#pragma warning disable CA1031 // whatever the application's code throws is one more fault of the settings
        catch (Exception exception)
#pragma warning restore CA1031
        {
            faults.Add(new(name, null, $"the code that configures this pipeline failed: {exception.GetType().Name}: {exception.Message}"));
        }

        PipelineSettings.Block.Check(options, name, origin, faults);
    }
}
