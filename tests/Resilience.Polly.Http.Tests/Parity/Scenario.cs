using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text;

namespace Resilience.Polly.Http.Tests.Parity;

/// <summary>One request and the answers to it, drawn from a seed.</summary>
internal sealed class Scenario
{
    private static readonly string[] Methods = ["GET", "GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "PURGE"];

    private static readonly string[] Contents =
        ["none", "none", "empty", "string", "json", "form", "multipart", "memory", "file", "pipe", "custom", "custom with length", "chunked string"];

    private static readonly (string Name, string Value)[] Extras =
    [
        ("Authorization", "Bearer token"), ("Cookie", "own=1"), ("X-Custom", "a"), ("Accept", "text/plain"), ("Accept-Language", "de, en;q=0.5"),
        ("If-None-Match", "\"tag\""), ("Range", "bytes=0-10"), ("Referer", "http://127.0.0.1/from"), ("User-Agent", "test/1.0 (parity)"),
        ("Cache-Control", "no-cache"), ("TE", "trailers"), ("Pragma", "no-cache"), ("Date", "Thu, 26 Nov 2026 12:00:00 GMT"),
        ("X-Empty", ""), ("From", "a@example.com"), ("Origin", "http://other.example"), ("Expect", "100-continue"),
    ];

    private readonly string _method;
    private readonly string _content;
    private readonly List<(string Name, string Value)> _headers = [];

    public Scenario(Random random, int version)
    {
        (_method, _content) = (Pick(random, Methods), Pick(random, Contents));
        if (_method is "TRACE" or "GET" or "HEAD" or "OPTIONS" && random.Next(4) > 0)
        {
            _content = "none";
        }

        for (var extras = random.Next(4); extras > 0; extras--)
        {
            var extra = Pick(random, Extras);
            if (_headers.All(header => header.Name != extra.Name) && (extra.Name != "Expect" || (_content != "none" && version == 1)))
            {
                _headers.Add(extra);
            }
        }

        if (random.Next(4) == 0)
        {
            _headers.AddRange([("X-Many", "1"), ("X-Many", "2, 3")]);
        }

        // A body that can be read once is not sent to a second server; a plain client tries, and fails.
        var mayRedirect = _content != "pipe" && random.Next(3) == 0;
        Completion = random.Next(2) == 0 ? HttpCompletionOption.ResponseContentRead : HttpCompletionOption.ResponseHeadersRead;
        for (var hops = mayRedirect ? random.Next(1, 4) : 0; hops > 0; hops--)
        {
            Answers.Add(Answer.Redirect(
                random.Next(300, 309),
                Pick(random, ["/next?hop=" + hops, "relative", "//localhost:PORT/other", "http://localhost:PORT/elsewhere#part", "?query=only", "http://127.0.0.1:PORT/same"]),
                random.Next(2) == 0 ? [("Set-Cookie", $"hop{hops}=1; Path=/")] : []));
        }

        // .NET sends a request again, unseen, whose connection ends before an answer. A pipeline keeps it from doing so where that might do something twice.
        Answer final;
        do
        {
            final = Final(random, version);
        }
        while (final.Broken is "" && _method is ("POST" or "PATCH" or "PURGE"));

        if (final.Broken is not null)
        {
            _headers.RemoveAll(header => header.Name == "Expect"); // how a plain client fails then depends on which comes first
        }

        Answers.Add(final);
    }

    public HttpCompletionOption Completion { get; }

    public List<Answer> Answers { get; } = [];

    /// <summary>Whether reading the content of the request a second time is allowed by what it is.</summary>
    public bool ContentCanBeReadAgain => _content is not ("none" or "pipe");

    public bool Redirects => Answers.Count > 1 || Answers[0].Name.Contains("redirect", StringComparison.Ordinal);

    /// <summary>Whether the answer may be one that the transport decompresses.</summary>
    public bool IsCompressed => Answers[^1].Headers.Any(header => header.Name == "Content-Encoding") || Answers[^1].Name.Contains("gzip", StringComparison.Ordinal);

    public override string ToString() =>
        $"{_method}, content {_content}, {string.Join("; ", _headers.Select(header => header.Name))}, {Completion}, answered by {string.Join(" then ", Answers)}";

    public HttpRequestMessage Request(Uri address)
    {
        var request = new HttpRequestMessage(new HttpMethod(_method), new Uri(address, "start?x=%2F&y=ä#fragment")) { Content = Content() };
        foreach (var (name, value) in _headers)
        {
            request.Headers.TryAddWithoutValidation(name, value);
        }

        if (_content == "chunked string")
        {
            request.Headers.TransferEncodingChunked = true;
        }

        return request;
    }

    public IReadOnlyList<Answer> AnswersAt(Uri address) =>
    [
        .. Answers.Select(answer => answer with
        {
            Headers = [.. answer.Headers.Select(header => (header.Name, header.Value.Replace("PORT", address.Port.ToString(), StringComparison.Ordinal)))],
        }),
    ];

    private static Answer Final(Random random, int version)
    {
        Answer[] all =
        [
            new("200", 200, "hello", ("Content-Type", "text/plain; charset=utf-8")),
            new("200 empty", 200),
            new("200 chunked", 200, "hello", ("Content-Type", "application/json")) { Framing = Framing.Chunked },
            new("200 chunked and empty", 200) { Framing = Framing.Chunked },
            new("200 to the end", 200, "until closed") { Framing = Framing.Close },
            new("200 large", 200) { Bytes = new byte[300_000] },
            new("200 large, chunked", 200) { Bytes = new byte[300_000], Framing = Framing.Chunked },
            new("200 with trailers", 200, "body") { Framing = Framing.Chunked, Trailers = [("X-Trailer", "t"), ("X-Checksum", "abc")] },
            new("200 with many headers", 200, "x", ("X-A", "1"), ("X-A", "2"), ("Vary", "a, b"), ("ETag", "\"e\""), ("Cache-Control", "no-store"), ("Set-Cookie", "a=1"), ("Set-Cookie", "b=2; Path=/"), ("Link", "<x>; rel=next"), ("Warning", "199 - \"w\""), ("Retry-After", "1")),
            new("200 with content headers", 200, "x", ("Content-Language", "de"), ("Content-Disposition", "attachment; filename=\"a.txt\""), ("Last-Modified", "Thu, 26 Nov 2026 12:00:00 GMT"), ("Expires", "0"), ("Content-Location", "/there"), ("Allow", "GET, PUT")),
            new("200 with odd headers", 200, "x", ("Content-Type", "not a type"), ("Date", "yesterday"), ("ETag", "bare"), ("Age", "old"), ("X-Empty", "")),
            Answer.Compressed("gzip"), Answer.Compressed("br"), Answer.Compressed("deflate"),
            Answer.Compressed("gzip") with { Name = "gzip chunked", Framing = Framing.Chunked },
            new("201", 201, "made", ("Location", "/made/1")),
            new("204", 204),
            new("205", 205),
            new("206", 206, "part", ("Content-Range", "bytes 0-3/10")),
            new("304", 304, "", ("ETag", "\"e\"")),
            new("400", 400, "{\"title\":\"no\"}", ("Content-Type", "application/problem+json")),
            new("401", 401, "who", ("WWW-Authenticate", "Basic realm=\"r\"")),
            new("404", 404, "none"),
            new("409", 409, "conflict"),
            new("429", 429, "slow down", ("Retry-After", "1")),
            new("500", 500, "broken"),
            new("503", 503, "busy", ("Retry-After", "Thu, 26 Nov 2026 12:00:00 GMT")),
            new("299", 299, "unheard of"),
            new("300 without a location", 300, "choose"),
            .. version != 1 ? (Answer[])[] :
            [
                new("103, 200", 200, "hinted") { Interim = [103] },
                new("102, 102, 200", 200, "worked") { Interim = [102, 102] },
                new("100, 200", 200, "continued") { Interim = [100] },
                Broken("nothing", ""),
                Broken("no HTTP", "SSH-2.0-OpenSSH_9.2\r\n"),
                Broken("half a status line", "HTTP/1.1 20"),
                Broken("half a head", "HTTP/1.1 200 OK\r\nContent-Type: text/pl"),
                Broken("no status", "HTTP/1.1 abc OK\r\n\r\n"),
                Broken("a header without a colon", "HTTP/1.1 200 OK\r\nContent-Type\r\n\r\n"),
                Broken("a header that is too long", $"HTTP/1.1 200 OK\r\nX-Long: {new string('x', 70_000)}\r\n\r\n"),
                Broken("half a body", "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 10\r\n\r\nhalf"),
                Broken("half a chunked body", "HTTP/1.1 200 OK\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n"),
                Broken("a broken chunk", "HTTP/1.1 200 OK\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\nhello\r\n"),
                Broken("a negative length", "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: -1\r\n\r\n"),
                Broken("gzip that is none", "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Encoding: gzip\r\nContent-Length: 4\r\n\r\nnone"),
                Broken("half a 503", "HTTP/1.1 503 Busy\r\nConnection: close\r\nContent-Length: 10\r\n\r\nhalf"),
                Broken("a redirect to no address", "HTTP/1.1 302 Found\r\nConnection: close\r\nLocation: http://[/\r\nContent-Length: 0\r\n\r\n"),
                Broken("a redirect out of the web", "HTTP/1.1 302 Found\r\nConnection: close\r\nLocation: ftp://127.0.0.1/\r\nContent-Length: 0\r\n\r\n"),
            ],
        ];
        return Pick(random, all);
    }

    private static Answer Broken(string name, string bytes) => new(name, 0) { Broken = bytes };

    private HttpContent? Content()
    {
        var bytes = Encoding.UTF8.GetBytes("the body, ä");
        return _content switch
        {
            "none" => null,
            "empty" => new ByteArrayContent([]),
            "string" or "chunked string" => new StringContent("the body, ä"),
            "json" => JsonContent.Create(new { name = "body" }),
            "form" => new FormUrlEncodedContent([new("name", "the body")]),
            "multipart" => new MultipartContent("mixed", "boundary") { new StringContent("one"), new ByteArrayContent([1, 2, 3]) },
            "memory" => new ReadOnlyMemoryContent(bytes),
            "file" => new StreamContent(new MemoryStream(bytes)) { Headers = { ContentType = new MediaTypeHeaderValue("application/octet-stream"), ContentLanguage = { "de" } } },
            "pipe" => new StreamContent(new OneWayStream(bytes)),
            "custom with length" => new CustomContent(bytes, tellsLength: true),
            _ => new CustomContent(bytes, tellsLength: false),
        };
    }

    private static T Pick<T>(Random random, T[] from) => from[random.Next(from.Length)];

    /// <summary>A content of a type that nobody but its author knows.</summary>
    private sealed class CustomContent : HttpContent
    {
        private readonly byte[] _bytes;
        private readonly bool _tellsLength;

        public CustomContent(byte[] bytes, bool tellsLength)
        {
            (_bytes, _tellsLength) = (bytes, tellsLength);
            Headers.TryAddWithoutValidation("Content-Type", "application/x-custom");
        }

        protected override async Task SerializeToStreamAsync(Stream stream, System.Net.TransportContext? context)
        {
            await stream.WriteAsync(_bytes.AsMemory(0, 3));
            await stream.FlushAsync();
            await stream.WriteAsync(_bytes.AsMemory(3));
        }

        protected override bool TryComputeLength(out long length)
        {
            length = _tellsLength ? _bytes.Length : 0;
            return _tellsLength;
        }
    }

    private sealed class OneWayStream(byte[] bytes) : MemoryStream(bytes)
    {
        public override bool CanSeek => false;
    }
}
