using System.IO.Compression;
using System.Text;

namespace Resilience.Polly.Http.Tests.Parity;

/// <summary>One answer of a server, for HTTP/1.1 as bytes and for HTTP/2 through Kestrel.</summary>
internal sealed record Answer(string Name, int Status, string Body = "", params (string Name, string Value)[] Headers)
{
    /// <summary>How the end of the body is told over HTTP/1.1.</summary>
    public Framing Framing { get; init; }

    public byte[] Bytes { get; init; } = Encoding.UTF8.GetBytes(Body);

    public (string Name, string Value)[] Trailers { get; init; } = [];

    /// <summary>Interim answers that come first; HTTP/1.1 only.</summary>
    public int[] Interim { get; init; } = [];

    /// <summary>Bytes that are no answer, after which the connection is closed; HTTP/1.1 only.</summary>
    public string? Broken { get; init; }

    public bool Ends => Broken is not null || Framing == Framing.Close;

    public override string ToString() => Name;

    public static Answer Redirect(int status, string location, params (string Name, string Value)[] headers) =>
        new($"{status} to {location}", status, "moved", [("Location", location), .. headers]);

    public static Answer Compressed(string encoding)
    {
        var text = Encoding.UTF8.GetBytes(string.Concat(Enumerable.Repeat("compressed ", 200)));
        using var compressed = new MemoryStream();
        using (Stream compressor = encoding switch
        {
            "gzip" => new GZipStream(compressed, CompressionLevel.Optimal, leaveOpen: true),
            "br" => new BrotliStream(compressed, CompressionLevel.Optimal, leaveOpen: true),
            _ => new ZLibStream(compressed, CompressionLevel.Optimal, leaveOpen: true),
        })
        {
            compressor.Write(text);
        }

        return new(encoding, 200, "", ("Content-Encoding", encoding), ("Content-Type", "text/plain")) { Bytes = compressed.ToArray() };
    }

    /// <summary>The answer as it goes over the wire of HTTP/1.1.</summary>
    public byte[] Render(string method)
    {
        if (Broken is not null)
        {
            return Encoding.Latin1.GetBytes(Broken);
        }

        var head = new StringBuilder();
        foreach (var status in Interim)
        {
            head.Append($"HTTP/1.1 {status} Interim\r\nX-Interim: {status}\r\n\r\n");
        }

        head.Append($"HTTP/1.1 {Status} Reason {Status}\r\n");
        foreach (var (name, value) in Headers)
        {
            head.Append($"{name}: {value}\r\n");
        }

        var mayHaveBody = Status is not (204 or 304);
        head.Append(Framing switch
        {
            Framing.Chunked => "Transfer-Encoding: chunked\r\n\r\n",
            Framing.Close => "Connection: close\r\n\r\n",
            _ when mayHaveBody => $"Content-Length: {Bytes.Length}\r\n\r\n",
            _ => "\r\n",
        });
        byte[] body = method == "HEAD" || !mayHaveBody ? [] : Framing == Framing.Chunked ? Chunks() : Bytes;
        return [.. Encoding.UTF8.GetBytes(head.ToString()), .. body];
    }

    private byte[] Chunks()
    {
        using var all = new MemoryStream();
        foreach (var chunk in Bytes.Chunk(7_000))
        {
            all.Write([.. Encoding.ASCII.GetBytes($"{chunk.Length:x}\r\n"), .. chunk, .. "\r\n"u8]);
        }

        all.Write(Encoding.ASCII.GetBytes($"0\r\n{string.Concat(Trailers.Select(trailer => $"{trailer.Name}: {trailer.Value}\r\n"))}\r\n"));
        return all.ToArray();
    }
}

internal enum Framing
{
    Length,
    Chunked,
    Close,
}
