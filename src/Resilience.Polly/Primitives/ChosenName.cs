using System.Buffers;

namespace Resilience.Polly.Primitives;

/// <summary>A name that may come from a caller of the application, such as that of a tenant. Logs and exceptions show it, so it is short and cannot look like another line.</summary>
internal static class ChosenName
{
    private static readonly SearchValues<char> LineBreaks = SearchValues.Create(
        [.. Enumerable.Range(0, char.MaxValue).Select(number => (char)number).Where(character => char.IsControl(character) || character is '\u2028' or '\u2029')]);

    /// <summary>What is wrong with a name, as the end of a sentence that begins with it; <see langword="null"/> if nothing is.</summary>
    public static string? FaultOf(string name, int longest) =>
        name.Length == 0 || name.Length > longest ? $"has {name.Length} characters; allowed are 1 to {longest}"
        : name.AsSpan().ContainsAny(LineBreaks) ? "contains a control character or a line separator"
        : null;
}
