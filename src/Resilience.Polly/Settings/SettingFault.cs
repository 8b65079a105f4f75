using System.ComponentModel.DataAnnotations;
using System.Text.RegularExpressions;

namespace Resilience.Polly.Settings;

/// <summary>One thing that is wrong with the settings: where, what was found there, and what is allowed.</summary>
internal readonly partial record struct SettingFault(string Path, string? Value, string Problem)
{
    /// <summary>A fault of a configuration entry, with the text found there.</summary>
    public static SettingFault At(SettingsEntry entry, string problem) =>
        new(entry.Path, entry.Value is null ? null : $"\"{WithoutCredentials(entry.Value)}\"", problem);

    /// <summary>A fault of a value that code has set.</summary>
    public static SettingFault InCode(string path, string value, string problem) => new(path, $"{value} (set in code)", problem);

    /// <summary>An address may carry a user name and a password, which no message repeats.</summary>
    public static string WithoutCredentials(string text) => Credentials().Replace(text, "://***@");

    /// <summary>The same fault, seen from outside a block.</summary>
    public SettingFault Inside(string block) => this with { Path = $"{block}:{Path}" };

    public override string ToString() => Value is null ? $"{Path}: {Problem}" : $"{Path} = {Value}: {Problem}";

    [GeneratedRegex("://[^/?#]*@")]
    private static partial Regex Credentials();
}

/// <summary>Checks the options of a strategy by the settings table of its block, as those of a named pipeline are checked.</summary>
internal static class StrategyFaults
{
    /// <param name="block">The table.</param>
    /// <param name="options">What it checks.</param>
    /// <param name="names">Settings that the strategy gives another name than the table does.</param>
    /// <returns>One result for each fault.</returns>
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
