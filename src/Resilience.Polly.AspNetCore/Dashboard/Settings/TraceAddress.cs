namespace Resilience.Polly.AspNetCore.Dashboard.Settings;

/// <summary>The address of a trace, from a template of the application and the ids of an event.</summary>
/// <remarks>
/// An id can come from a caller of the application. It is encoded, and comes after the host of the address, so it cannot change the scheme or the host.
/// </remarks>
internal static class TraceAddress
{
    private const string RequestId = "{requestId}";
    private const string TraceId = "{traceId}";
    private const int MaxIdLength = 200;

    /// <returns>What is wrong with a template; <see langword="null"/> if it is valid.</returns>
    public static string? Fault(string template)
    {
        var literal = template.Replace(RequestId, "", StringComparison.Ordinal).Replace(TraceId, "", StringComparison.Ordinal);
        return literal.Length == template.Length ? $"{RequestId} or {TraceId} is expected in it"
            : literal.AsSpan().ContainsAny('{', '}') ? $"{RequestId} and {TraceId} are the only placeholders"
            : template.Any(character => char.IsWhiteSpace(character) || char.IsControl(character) || character == '\\') ? "white space, control characters and \\ are not allowed"
            : HasAllowedStart(template[..template.IndexOf('{', StringComparison.Ordinal)]) ? null
            : $"an http or https address, or one relative to the dashboard, is expected, with {RequestId} and {TraceId} after the host";
    }

    /// <returns>The address; <see langword="null"/> if the event lacks an id that the template names, or has an id that cannot be part of a path.</returns>
    public static string? Of(string template, string? requestId, string? traceId)
    {
        var url = template;
        foreach (var (placeholder, id) in new[] { (RequestId, requestId), (TraceId, traceId) })
        {
            if (url.Contains(placeholder, StringComparison.Ordinal))
            {
                // A browser goes up a level for a dot segment, encoded or not.
                if (id is not { Length: > 0 and <= MaxIdLength } || id is "." or "..")
                {
                    return null;
                }

                url = url.Replace(placeholder, Uri.EscapeDataString(id), StringComparison.Ordinal);
            }
        }

        return url;
    }

    // The text before the first placeholder: a whole scheme and host, or the beginning of a relative address.
    private static bool HasAllowedStart(string start)
    {
        var scheme = Array.Find(["//", "https://", "http://"], each => start.StartsWith(each, StringComparison.OrdinalIgnoreCase));
        return scheme is null ? !start.Split('/', '?', '#')[0].Contains(':', StringComparison.Ordinal) : HasHost(start[scheme.Length..]);
    }

    private static bool HasHost(string rest)
    {
        var end = rest.AsSpan().IndexOfAny("/?#");
        return end > 0 && Uri.TryCreate($"https://{rest[..end]}", UriKind.Absolute, out var address) && address.Host.Length > 0 && address.UserInfo.Length == 0;
    }
}
