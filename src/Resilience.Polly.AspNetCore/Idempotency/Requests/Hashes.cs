using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Http;

namespace Resilience.Polly.AspNetCore.Idempotency.Requests;

/// <summary>SHA-256 over texts that cannot run into each other, because each has its length before it.</summary>
internal static class Hashes
{
    // How much of a body is kept in memory; the rest is in a temporary file.
    private const int MemoryThreshold = 64 * 1024;

    /// <summary>The key of an entry: that of the caller, its sender and the endpoint. The store never sees what it is made of.</summary>
    public static string EntryKey(string? principal, string method, string endpoint, string key)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        return Convert.ToHexStringLower(hash.Add(principal is null ? "anonymous" : "known").Add(principal).Add(method).Add(endpoint).Add(key).GetHashAndReset());
    }

    /// <summary>The hash of a request: method, path, query, content type and body. Leaves the body at its beginning, to be read again.</summary>
    /// <returns><see langword="null"/> if the body is larger than allowed.</returns>
    public static async ValueTask<byte[]?> FingerprintAsync(HttpRequest request, int maxBody, CancellationToken cancellationToken)
    {
        if (request.ContentLength > maxBody)
        {
            return null;
        }

        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.Add(request.Method).Add(request.PathBase.Value).Add(request.Path.Value).Add(request.QueryString.Value).Add(request.ContentType);
        request.EnableBuffering(Math.Min(MemoryThreshold, maxBody), maxBody == 0 ? 1 : maxBody + 1L);
        var (slice, length) = (new byte[16 * 1024], 0L);
        for (int read; (read = await request.Body.ReadAsync(slice.AsMemory(0, (int)Math.Min(slice.Length, maxBody + 1L - length)), cancellationToken).ConfigureAwait(false)) > 0;)
        {
            length += read;
            if (length > maxBody)
            {
                return null;
            }

            hash.AppendData(slice, 0, read);
        }

        request.Body.Position = 0;
        return hash.GetHashAndReset();
    }

    private static IncrementalHash Add(this IncrementalHash hash, string? text)
    {
        var bytes = Encoding.UTF8.GetBytes(text ?? "");
        Span<byte> length = stackalloc byte[4];
        BinaryPrimitives.WriteInt32LittleEndian(length, text is null ? -1 : bytes.Length);
        hash.AppendData(length);
        hash.AppendData(bytes);
        return hash;
    }
}
