using System.IO.Compression;
using System.Text;

namespace Resilience.Polly.Http.Tests.Calls;

/// <summary>Makes error answers whose bodies are as bad as they come.</summary>
internal static class ErrorBodies
{
    public static readonly int[] Statuses = [400, 404, 408, 409, 429, 500, 501, 502, 503, 504, 599];

    private static readonly string[] Charsets =
        ["", "; charset=utf-8", "; charset=utf-7", "; charset=UTF-7", "; charset=utf-16", "; charset=utf-32be", "; charset=iso-8859-1", "; charset=us-ascii", "; charset=klingon", "; charset=\"\"", "; charset=x-user-defined", "; charset=", ";;;"];

    private static readonly string[] Types = ["application/problem+json", "application/json", "text/plain", "text/html", "nonsense", ""];

    /// <summary>A reply, the status that it has, and what it is in words.</summary>
    public static (Reply Reply, int Status, bool IsCut, string What) Next(Random random)
    {
        var status = Statuses[random.Next(Statuses.Length)];
        var (body, kind) = Body(random);
        var (sent, encoding) = Encode(body, random);
        var type = Types[random.Next(Types.Length)] + Charsets[random.Next(Charsets.Length)];
        var isCut = encoding.Length == 0 && random.Next(4) == 0; // a decompressor may or may not look beyond its end
        List<(string, string)> headers = [("Content-Type", type)];
        if (encoding.Length > 0)
        {
            headers.Add(("Content-Encoding", encoding.Split(' ')[0]));
        }

        return (
            isCut ? Reply.Cut(status, sent, [.. headers]) : Reply.Bytes(status, sent, [.. headers]),
            status,
            isCut,
            $"{status}, {kind}, {type}, {encoding}, {(isCut ? "cut" : "whole")}");
    }

    private static (byte[] Body, string Kind) Body(Random random) => random.Next(10) switch
    {
        0 => ([], "empty"),
        1 => (Bytes(random, random.Next(1, 200)), "noise"),
        2 => (Bytes(random, random.Next(5_000, 60_000)), "much noise"),
        3 => (Text("{\"title\":\"t\",\"detail\":\"d\"}"), "problem"),
        4 => (Text("{\"title\":\"\\ud800\",\"detail\":\"d\",\"\\udc00\":1}"), "half surrogates"),
        5 => (Text(new string('[', random.Next(60, 5000)) + new string('{', 20)), "deep"),
        6 => (Text("{\"title\":\"a\",\"title\":\"b\",\"title\":7,\"status\":\"many\",\"status\":1e99}"), "twice"),
        7 => (new byte[random.Next(1, 9000)], "NULs"),
        8 => (Text("{\"title\":\"" + new string('é', 30_000) + "\"}"), "long"),
        _ => ([.. Text("{\"title\":\""), 0xC3, 0x28, 0xFF, .. Text("\"}")], "broken UTF-8"),
    };

    private static (byte[] Sent, string Encoding) Encode(byte[] body, Random random)
    {
        var name = random.Next(5) switch { 0 => "gzip", 1 => "deflate", 2 => "br", 3 => "unknown", _ => "" };
        var packed = name switch
        {
            "gzip" => Pack(body, to => new GZipStream(to, CompressionLevel.Fastest)),
            "deflate" => Pack(body, to => new ZLibStream(to, CompressionLevel.Fastest)),
            "br" => Pack(body, to => new BrotliStream(to, CompressionLevel.Fastest)),
            _ => body,
        };
        return random.Next(3) switch
        {
            0 when name.Length > 0 => (body, $"{name} that is not"),
            1 when name.Length > 0 && packed.Length > 2 => (packed[..(packed.Length / 2)], $"{name} that ends early"),
            _ => (packed, name),
        };
    }

    private static byte[] Pack(byte[] body, Func<Stream, Stream> packing)
    {
        using var packed = new MemoryStream();
        using (var stream = packing(packed))
        {
            stream.Write(body);
        }

        return packed.ToArray();
    }

    private static byte[] Bytes(Random random, int count)
    {
        var bytes = new byte[count];
        random.NextBytes(bytes);
        return bytes;
    }

    private static byte[] Text(string text) => Encoding.UTF8.GetBytes(text);
}
