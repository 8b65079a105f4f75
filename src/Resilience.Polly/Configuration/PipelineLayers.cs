using Microsoft.Extensions.Configuration;

namespace Resilience.Polly;

/// <summary>Where the own settings of one pipeline come from: configuration sections, then code.</summary>
internal sealed class PipelineLayers
{
    private readonly Lazy<string?> _basedOn;

    public PipelineLayers(string name)
    {
        Name = name;
        _basedOn = new(FindBase);
    }

    public string Name { get; }

    public List<IConfigurationSection> Sections { get; } = [];

    public Action<PipelineOptions>? Code { get; set; }

    /// <summary>How messages name the place.</summary>
    public string Path => Sections.Count > 0 ? Sections[^1].Path : Name;

    /// <summary>The pipeline that this one starts from, as the sections or the code say.</summary>
    public string? BasedOn => _basedOn.Value;

    public void Apply(PipelineOptions options, ICollection<SettingFault> faults)
    {
        foreach (var section in Sections)
        {
            PipelineOptions.Settings.Read(section, options, faults);
        }

        options.BasedOn = BasedOn;
        if (Code is not null)
        {
            PipelineOptions.Settings.Run(Code, options, Name, "pipeline", faults);
        }
    }

    private string? FindBase()
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

        return string.IsNullOrWhiteSpace(probe.BasedOn) ? null : probe.BasedOn;
    }
}
