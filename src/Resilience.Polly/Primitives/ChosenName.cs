namespace Resilience.Polly.Primitives;

/// <summary>A name that may come from a caller of the application, such as that of a tenant. Logs and exceptions show it, so it is short and cannot look like another line.</summary>
internal static class ChosenName
{
    /// <summary>What is wrong with a name, as the end of a sentence that begins with it; <see langword="null"/> if nothing is.</summary>
    public static string? FaultOf(string name, int longest) =>
        name.Length == 0 || name.Length > longest ? $"has {name.Length} characters; allowed are 1 to {longest}"
        : IsOneLine(name) ? null
        : "contains a control character or a line separator";

    private static bool IsOneLine(ReadOnlySpan<char> name) =>
        !name.ContainsAnyInRange('\u0000', '\u001F') && !name.ContainsAnyInRange('\u007F', '\u009F') && !name.ContainsAnyInRange('\u2028', '\u2029');
}
