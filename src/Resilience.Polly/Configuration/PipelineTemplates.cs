using Resilience.Polly.Primitives;

namespace Resilience.Polly.Configuration;

/// <summary>The pipelines whose name ends with <c>*</c>. Each is the template of the pipelines whose names begin like it.</summary>
internal sealed class PipelineTemplates(IEnumerable<NamedOptions> templates)
{
    private const char Mark = '*';

    // Some libraries name their HTTP clients by the full names of types and assemblies.
    private const int Longest = 1_024;

    // The longest name first: it says most about the name that is asked for.
    private readonly NamedOptions[] _templates = [.. templates.OrderByDescending(template => template.Name.Length)];

    public IReadOnlyList<NamedOptions> All => _templates;

    public static bool IsTemplate(string name) => name.EndsWith(Mark);

    /// <summary>What is wrong with the name of a pipeline, or <see langword="null"/>.</summary>
    public static string? FaultOf(string name) =>
        name.IndexOf(Mark, StringComparison.Ordinal) is var place && place >= 0 && place < name.Length - 1 ? "a template has one *, at the end of its name" : null;

    /// <summary>Why no template applies to a name, whatever it begins with; <see langword="null"/> if one may.</summary>
    public static string? FaultOfRuntimeName(string name) => ChosenName.FaultOf(name, Longest);

    /// <summary>The name of the pipeline that names share for which a template has no room.</summary>
    public static string OverflowOf(string template) => $"{template[..^1]}{PartitionKey.Overflow}";

    /// <summary>The settings of a name by its template; <see langword="null"/> where none fits, or the name is no valid one.</summary>
    public NamedOptions? Find(string name)
    {
        if (IsTemplate(name) || string.IsNullOrWhiteSpace(name) || FaultOfRuntimeName(name) is not null)
        {
            return null;
        }

        var template = Array.Find(_templates, template => name.AsSpan().StartsWith(template.Name.AsSpan(0, template.Name.Length - 1), StringComparison.OrdinalIgnoreCase));
        return template is null ? null : new(name, template.Options, template.Name);
    }
}
