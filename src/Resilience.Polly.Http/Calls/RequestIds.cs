namespace Resilience.Polly.Http;

/// <summary>The id of a call, as it stands in headers (guide: "Idempotency: The Key to Safe Retries").</summary>
internal static class RequestIds
{
    private const int Longest = 255;

    /// <summary>One that is in the order of time, so that a service stores it well.</summary>
    public static string New() => Guid.CreateVersion7().ToString();

    /// <exception cref="ArgumentException">The id is empty, too long, or has a character that does not survive a header.</exception>
    public static void ThrowIfInvalid(string id, string parameterName)
    {
        var problem =
            id.Length == 0 ? "is empty"
            : id.Length > Longest ? $"has {id.Length} characters"
            : id.AsSpan().ContainsAnyExceptInRange(' ', '~') ? "has a character that is not printable ASCII"
            : id[0] == ' ' || id[^1] == ' ' ? "begins or ends with a space, which does not survive a header"
            : null;
        if (problem is not null)
        {
            throw new ArgumentException($"The request id {problem}; allowed are 1 to {Longest} printable ASCII characters.", parameterName);
        }
    }

    /// <summary>As the IETF draft on idempotency keys has it: a quoted string of RFC 9651.</summary>
    public static string Quote(string id) => id.AsSpan().ContainsAny('"', '\\')
        ? $"\"{id.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal)}\""
        : $"\"{id}\"";

    /// <summary>The id in a header that somebody else has set, quoted or not.</summary>
    public static string Unquote(string header)
    {
        var text = header.Trim();
        return text.Length >= 2 && text[0] == '"' && text[^1] == '"'
            ? text[1..^1].Replace("\\\"", "\"", StringComparison.Ordinal).Replace("\\\\", "\\", StringComparison.Ordinal)
            : text;
    }
}
