using System.ComponentModel.DataAnnotations;
using System.Text.RegularExpressions;

namespace Resilience.Polly.Settings;

/// <summary>One fault of the settings: where it is, the value found there, and what is allowed.</summary>
internal readonly partial record struct SettingFault(string Path, string? Value, string Problem)
{
    /// <summary>A fault of a configuration entry, with the text found there.</summary>
    public static SettingFault At(SettingsEntry entry, string problem) =>
        new(entry.Path, entry.Value is null ? null : $"\"{WithoutCredentials(entry.Value)}\"", problem);

    /// <summary>A fault of a value that code has set.</summary>
    public static SettingFault InCode(string path, string value, string problem) => new(path, $"{value} (set in code)", problem);

    /// <summary>The text without a user name and a password, which an address may contain.</summary>
    public static string WithoutCredentials(string text) => Credentials().Replace(text, "://***@");

    /// <summary>The same fault with the path of the block around it.</summary>
    public SettingFault Inside(string block) => this with { Path = $"{block}:{Path}" };

    public override string ToString() => Value is null ? $"{Path}: {Problem}" : $"{Path} = {Value}: {Problem}";

    [GeneratedRegex("://[^/?#]*@")]
    private static partial Regex Credentials();
}

/// <summary>Checks the options of a strategy by the settings table of its block, like those of a named pipeline.</summary>
internal static class StrategyFaults
{
    /// <summary>One result for each fault. The names are those that differ from the table.</summary>
    public static IEnumerable<ValidationResult> Of<TBlock>(SettingsBlock<TBlock> block, TBlock options, params (string InTable, string InOptions)[] names)
        where TBlock : class, new()
    {
        var faults = new List<SettingFault>();
        block.Check(options, "", faults);
        foreach (var fault in faults)
        {
            var name = fault.Path.TrimStart(':').Replace(':', '.');
            var inOptions = Array.Find(names, each => each.InTable == name).InOptions ?? name;
            yield return new ValidationResult((fault with { Path = inOptions }).ToString(), [inOptions]);
        }
    }
}
