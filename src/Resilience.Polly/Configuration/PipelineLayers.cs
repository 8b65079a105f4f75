using Resilience.Polly.Settings;

namespace Resilience.Polly.Configuration;

/// <summary>Where the own settings of one pipeline come from: configuration sections, then code.</summary>
internal sealed class PipelineLayers(string name)
{
    public string Name => name;

    public List<SettingsEntry> Sections { get; } = [];

    public CodePipeline? Code { get; set; }

    /// <summary>How messages name the place.</summary>
    public string Path => Sections.Count > 0 ? Sections[^1].Path : name;

    /// <summary>The pipeline that this one starts from, as the code or the sections say.</summary>
    public string? BasedOn =>
        Code?.BasedOn ?? Sections.Select(section => section[nameof(PipelineOptions.BasedOn)]?.Value).LastOrDefault(text => !string.IsNullOrWhiteSpace(text));

    public void Apply(PipelineOptions options, ICollection<SettingFault> faults)
    {
        foreach (var section in Sections)
        {
            PipelineOptions.Settings.Read(section, options, faults);
        }

        options.BasedOn = BasedOn;
        if (Code?.Configure is { } configure)
        {
            PipelineOptions.Settings.Run(configure, options, name, "pipeline", faults);
        }
    }

    /// <summary>What is wrong with <see cref="BasedOn"/>, told where it is set.</summary>
    public SettingFault FaultOfBase(string problem) => Code?.BasedOn is null
        ? new($"{Path}:{nameof(BasedOn)}", $"\"{BasedOn}\"", problem)
        : SettingFault.InCode($"{name}:{nameof(BasedOn)}", $"\"{BasedOn}\"", problem);
}
