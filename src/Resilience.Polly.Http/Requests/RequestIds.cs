using System.Buffers.Binary;
using System.Security.Cryptography;

namespace Resilience.Polly.Http.Requests;

/// <summary>The id of a call, as it stands in headers (guide: "Idempotency: The Key to Safe Retries").</summary>
internal static class RequestIds
{
    private const int Longest = 255;

    // Asking the system for random bytes takes longer than all else that a call does for its id; so for many at once.
    private const int Reserve = 1024;

    [ThreadStatic]
    private static byte[]? _random;

    [ThreadStatic]
    private static int _used;

    /// <summary>A UUID of version 7: in the order of time, so that a service stores it well, and not to be guessed.</summary>
    public static string New(DateTimeOffset now)
    {
        Span<byte> bytes = stackalloc byte[16];
        BinaryPrimitives.WriteInt64BigEndian(bytes, now.ToUnixTimeMilliseconds() << 16);
        TakeRandom(bytes[6..]);
        bytes[6] = (byte)(0x70 | (bytes[6] & 0x0F));
        bytes[8] = (byte)(0x80 | (bytes[8] & 0x3F));
        return new Guid(bytes, bigEndian: true).ToString();
    }

    private static void TakeRandom(Span<byte> target)
    {
        if (_random is null || _used + target.Length > Reserve)
        {
            RandomNumberGenerator.Fill(_random ??= new byte[Reserve]);
            _used = 0;
        }

        _random.AsSpan(_used, target.Length).CopyTo(target);
        _used += target.Length;
    }

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

    /// <summary>The id in a header that somebody else has set.</summary>
    /// <exception cref="ArgumentException">The header, as it would be sent, has a character that does not survive, or its id is not a valid one.</exception>
    public static string OfHeader(string header, string name)
    {
        ThrowIfUnprintable(header, name);
        var id = Unquote(header);
        ThrowIfInvalid(id, name);
        return id;
    }

    /// <exception cref="ArgumentException">The header, as it would be sent, has a character that does not survive.</exception>
    public static void ThrowIfUnprintable(string header, string name)
    {
        if (header.AsSpan().ContainsAnyExceptInRange(' ', '~'))
        {
            throw new ArgumentException($"The header {name} of the request has a character that is not printable ASCII.", name);
        }
    }

    /// <summary>As the IETF draft on idempotency keys has it: a quoted string of RFC 9651.</summary>
    public static string Quote(string id) => id.AsSpan().ContainsAny('"', '\\')
        ? $"\"{id.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal)}\""
        : $"\"{id}\"";

    private static string Unquote(string header)
    {
        var text = header.Trim();
        return text.Length >= 2 && text[0] == '"' && text[^1] == '"'
            ? text[1..^1].Replace("\\\"", "\"", StringComparison.Ordinal).Replace("\\\\", "\\", StringComparison.Ordinal)
            : text;
    }
}
