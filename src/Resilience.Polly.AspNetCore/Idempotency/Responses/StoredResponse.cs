using System.Buffers;
using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;

namespace Resilience.Polly.AspNetCore.Idempotency.Responses;

/// <summary>What is stored of an execution.</summary>
internal enum StoredKind : byte
{
    /// <summary>The response.</summary>
    Response,

    /// <summary>Only that there was one, with a body over the limit.</summary>
    TooLarge,

    /// <summary>Only that the effect is certain. The handler failed after it.</summary>
    Committed,
}

/// <summary>The result of an execution, as it is kept in a store: raw bytes without names of types.</summary>
internal sealed record StoredResponse(StoredKind Kind, int Status, IReadOnlyList<KeyValuePair<string, StringValues>> Headers, ReadOnlyMemory<byte> Body)
{
    private const byte Version = 1;

    // Headers that are not kept, since they belong to one exchange.
    private static readonly HashSet<string> OfOneExchange = new(StringComparer.OrdinalIgnoreCase)
    {
        "Set-Cookie", "Date", Replayed,
        "Connection", "Keep-Alive", "Proxy-Connection", "Proxy-Authenticate", "TE", "Trailer", "Transfer-Encoding", "Upgrade",
        "traceparent", "tracestate", "traceresponse", "baggage", "Request-Id", "Correlation-Context", "X-Request-ID", "X-Correlation-ID", "X-Trace-Id", "X-Amzn-Trace-Id", "X-Cloud-Trace-Context",
        "b3", "X-B3-TraceId", "X-B3-SpanId", "X-B3-ParentSpanId", "X-B3-Sampled", "uber-trace-id", "Server-Timing",
    };

    /// <summary>The header that marks a replay.</summary>
    public const string Replayed = "Idempotent-Replayed";

    private static ReadOnlySpan<byte> Magic => "RPid"u8;

    /// <summary>The effect is certain, and nothing else is known.</summary>
    public static StoredResponse OnlyCommitted { get; } = new(StoredKind.Committed, 0, [], default);

    public static StoredResponse TooLarge(int status) => new(StoredKind.TooLarge, status, [], default);

    public static StoredResponse Of(int status, IHeaderDictionary headers, ReadOnlyMemory<byte> body)
    {
        var named = headers.Connection.SelectMany(static value => (value ?? "").Split(',', StringSplitOptions.TrimEntries)).ToHashSet(StringComparer.OrdinalIgnoreCase);
        return new(StoredKind.Response, status, [.. headers.Where(header => !OfOneExchange.Contains(header.Key) && !named.Contains(header.Key))], body);
    }

    public byte[] Encode()
    {
        var bytes = new ArrayBufferWriter<byte>(Body.Length + 512);
        bytes.Write(Magic);
        bytes.Write([Version, (byte)Kind]);
        Write(bytes, Status);
        Write(bytes, Headers.Count);
        foreach (var (name, values) in Headers)
        {
            Write(bytes, Encoding.UTF8.GetBytes(name));
            Write(bytes, values.Count);
            foreach (var value in values)
            {
                Write(bytes, Encoding.UTF8.GetBytes(value ?? ""));
            }
        }

        Write(bytes, Body.Span);
        return bytes.WrittenSpan.ToArray();
    }

    /// <summary>Reads what <see cref="Encode"/> wrote.</summary>
    /// <returns>Whether all of it is of this version and has its place. Nothing in it makes this throw.</returns>
    public static bool TryDecode(ReadOnlyMemory<byte> bytes, [NotNullWhen(true)] out StoredResponse? response)
    {
        response = null;
        var reader = new SequenceReader<byte>(new(bytes));
        if (!reader.IsNext(Magic, advancePast: true) || !reader.IsNext(Version, advancePast: true)
            || !reader.TryRead(out var type) || (StoredKind)type is var kind && !Enum.IsDefined(kind)
            || !reader.TryReadLittleEndian(out int status) || (kind != StoredKind.Committed && status is < 100 or > 999)
            || !reader.TryReadLittleEndian(out int count) || count < 0)
        {
            return false;
        }

        var headers = new List<KeyValuePair<string, StringValues>>();
        for (var i = 0; i < count; i++)
        {
            if (!TryReadHeader(ref reader, out var header))
            {
                return false;
            }

            headers.Add(header);
        }

        if (!TryRead(ref reader, out var body) || !reader.End)
        {
            return false;
        }

        response = new(kind, status, headers, body.First);
        return true;
    }

    /// <summary>Answers a request with it.</summary>
    public async Task ReplayAsync(HttpResponse response, CancellationToken cancellationToken)
    {
        response.StatusCode = Status;
        foreach (var (name, values) in Headers)
        {
            response.Headers[name] = values;
        }

        response.Headers[Replayed] = "true";
        if (!Body.IsEmpty)
        {
            response.ContentLength = Body.Length;
            await response.BodyWriter.WriteAsync(Body, cancellationToken).ConfigureAwait(false);
        }
    }

    private static void Write(ArrayBufferWriter<byte> bytes, int number)
    {
        BinaryPrimitives.WriteInt32LittleEndian(bytes.GetSpan(sizeof(int)), number);
        bytes.Advance(sizeof(int));
    }

    private static void Write(ArrayBufferWriter<byte> bytes, ReadOnlySpan<byte> content)
    {
        Write(bytes, content.Length);
        bytes.Write(content);
    }

    private static bool TryRead(ref SequenceReader<byte> reader, out ReadOnlySequence<byte> content)
    {
        content = default;
        return reader.TryReadLittleEndian(out int length) && length >= 0 && reader.TryReadExact(length, out content);
    }

    private static bool TryReadHeader(ref SequenceReader<byte> reader, out KeyValuePair<string, StringValues> header)
    {
        header = default;
        if (!TryRead(ref reader, out var name) || name.IsEmpty || !reader.TryReadLittleEndian(out int count) || count < 0 || count > reader.Remaining / sizeof(int))
        {
            return false;
        }

        var values = new string[count];
        for (var i = 0; i < count; i++)
        {
            if (!TryRead(ref reader, out var value))
            {
                return false;
            }

            values[i] = Encoding.UTF8.GetString(value);
        }

        header = new(Encoding.UTF8.GetString(name), values);
        return true;
    }
}
