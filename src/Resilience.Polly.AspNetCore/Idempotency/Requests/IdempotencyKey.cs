using System.Text;
using Microsoft.Extensions.Primitives;

namespace Resilience.Polly.AspNetCore.Idempotency.Requests;

/// <summary>What is wrong with the header of the key.</summary>
internal enum KeyFault
{
    None,
    Missing,
    Several,
    Empty,
    TooLong,
    Malformed,
}

/// <summary>The key in the header of a request.</summary>
internal static class IdempotencyKey
{
    public const int MaxLength = 255;

    /// <summary>Reads a quoted string (RFC 9651, without parameters), or the same characters without quotes, which then are none of <c>" \ , ;</c> and no space.</summary>
    public static KeyFault TryRead(StringValues header, out string key)
    {
        key = "";
        if (header.Count != 1)
        {
            return header.Count == 0 ? KeyFault.Missing : KeyFault.Several;
        }

        var text = header.ToString().AsSpan().Trim(" \t");
        var isQuoted = text.StartsWith('"');
        if (!(isQuoted ? TryUnquote(text, out key) : TryTakeBare(text, out key)))
        {
            return KeyFault.Malformed;
        }

        return key.Length switch
        {
            0 => KeyFault.Empty,
            > MaxLength => KeyFault.TooLong,
            _ => string.IsNullOrWhiteSpace(key) ? KeyFault.Empty : KeyFault.None,
        };
    }

    private static bool TryTakeBare(ReadOnlySpan<char> text, out string key)
    {
        key = text.ToString();
        return !key.Any(static character => character is <= ' ' or > '~' or '"' or '\\' or ',' or ';');
    }

    private static bool TryUnquote(ReadOnlySpan<char> text, out string key)
    {
        var content = new StringBuilder();
        for (var i = 1; i < text.Length; i++)
        {
            var character = text[i];
            if (character == '"')
            {
                key = content.ToString();
                return i == text.Length - 1;
            }

            if (character == '\\')
            {
                // Only a quote and a backslash can follow.
                if (++i == text.Length || text[i] is not ('"' or '\\'))
                {
                    break;
                }

                character = text[i];
            }

            if (character is < ' ' or > '~')
            {
                break;
            }

            content.Append(character);
        }

        key = "";
        return false;
    }
}
