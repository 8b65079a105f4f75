using System.Buffers.Binary;
using System.Security.Cryptography;

namespace Resilience.Polly.Http.Requests;

/// <summary>The id of a call in headers (guide: "Idempotency: The Key to Safe Retries").</summary>
internal static class RequestIds
{
    private const int Longest = 255;

    // Getting random bytes from the system takes longer than everything else that a call does for its id, so it gets many at once.
    private const int Reserve = 1024;

    [ThreadStatic]
    private static byte[]? _random;

    [ThreadStatic]
    private static int _used;

    /// <summary>A UUID of version 7: ordered by time, so a service stores it well, and hard to guess.</summary>
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

    /// <exception cref="ArgumentException">The id is empty, too long, or has a character that cannot be in a header.</exception>
    public static void ThrowIfInvalid(string id, string parameterName)
    {
        var problem =
            id.Length == 0 ? "is empty"
            : id.Length > Longest ? $"has {id.Length} characters"
            : id.AsSpan().ContainsAnyExceptInRange(' ', '~') ? "has a character that is not printable ASCII"
            : id[0] == ' ' || id[^1] == ' ' ? "begins or ends with a space, which headers do not keep"
            : null;
        if (problem is not null)
        {
            throw new ArgumentException($"The request id {problem}; allowed are 1 to {Longest} printable ASCII characters.", parameterName);
        }
    }

    /// <summary>The id in a header that other code has set.</summary>
    /// <exception cref="ArgumentException">The header has a character that cannot be sent, or its id is not valid.</exception>
    public static string OfHeader(string header, string name)
    {
        ThrowIfUnprintable(header, name);
        var id = Unquote(header);
        ThrowIfInvalid(id, name);
        return id;
    }

    /// <exception cref="ArgumentException">The header has a character that cannot be sent.</exception>
    public static void ThrowIfUnprintable(string header, string name)
    {
        if (header.AsSpan().ContainsAnyExceptInRange(' ', '~'))
        {
            throw new ArgumentException($"The header {name} of the request has a character that is not printable ASCII.", name);
        }
    }

    /// <summary>The form of the IETF draft on idempotency keys: a quoted string of RFC 9651.</summary>
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
