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
