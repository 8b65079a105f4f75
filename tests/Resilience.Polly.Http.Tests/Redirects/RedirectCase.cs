using System.Net;
using System.Net.Http.Json;
using Hop = Resilience.Polly.Http.Tests.Redirects.RedirectServers.Hop;

namespace Resilience.Polly.Http.Tests.Redirects;

/// <summary>A client and a few requests, made from a random number: everything that has a say in what a redirect does.</summary>
internal sealed class RedirectCase
{
    private static readonly string[] Methods = ["GET", "GET", "HEAD", "POST", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"];
    private static readonly int[] Statuses = [300, 301, 302, 303, 304, 305, 306, 307, 308, 201, 302, 307];
    private static readonly string[] Contents = ["none", "none", "string", "stream", "once", "multipart", "json", "pushed"];

    private readonly RedirectServers _servers;
    private readonly string _credentials;
    private readonly bool _preAuthenticate;
    private readonly bool _allow;
    private readonly bool _cookies;
    private readonly int _most;
    private readonly bool _wrapped;
    private readonly bool _bearer;

    public RedirectCase(Random random, RedirectServers servers, int version)
    {
        _servers = servers;
        Version = new Version(version, version == 2 ? 0 : 1);
        _credentials = Pick(random, "none", "network", "network", "default", "cacheA", "cacheB", "cacheAll");
        _preAuthenticate = random.Next(3) == 0;
        _allow = random.Next(8) != 0;
        _cookies = random.Next(3) != 0;
        _most = random.Next(1, 4);
        _wrapped = random.Next(4) == 0;
        _bearer = random.Next(4) == 0;
        Guarded = _credentials != "none" && random.Next(3) != 0;
        Requests = [.. Enumerable.Range(0, random.Next(1, 4)).Select(_ => new Request(random, servers))];
    }

    public Version Version { get; }

    public bool Guarded { get; }

    public IReadOnlyList<Request> Requests { get; }

    public override string ToString() =>
        $"HTTP/{Version} credentials={_credentials} preauth={_preAuthenticate} allow={_allow} most={_most} cookies={_cookies} wrapped={_wrapped} bearer={_bearer} guarded={Guarded}";

    /// <summary>A handler chain of its own; the same one each time.</summary>
    public HttpMessageHandler Primary()
    {
        var handler = _wrapped ? (HttpMessageHandler)Wrapped() : Bare();
        return _bearer ? new CountingBearer { InnerHandler = handler } : handler;
    }

    private SocketsHttpHandler Bare()
    {
        var handler = new SocketsHttpHandler
        {
            AllowAutoRedirect = _allow,
            MaxAutomaticRedirections = _most,
            UseCookies = _cookies,
            PreAuthenticate = _preAuthenticate,
            Credentials = Credentials(),
        };
        handler.SslOptions.RemoteCertificateValidationCallback = (_, certificate, _, _) => certificate?.Subject == "CN=localhost";
        return handler;
    }

    private HttpClientHandler Wrapped() => new()
    {
        AllowAutoRedirect = _allow,
        MaxAutomaticRedirections = _most,
        UseCookies = _cookies,
        PreAuthenticate = _preAuthenticate,
        Credentials = Credentials(),
        ServerCertificateCustomValidationCallback = (request, certificate, _, _) => request is not null && certificate?.Subject == "CN=localhost",
    };

    private ICredentials? Credentials()
    {
        var secret = new NetworkCredential("name", "secret");
        return _credentials switch
        {
            "none" => null,
            "network" => secret,
            "default" => CredentialCache.DefaultCredentials,
            "cacheA" => new CredentialCache { { _servers["A"], "Basic", secret } },
            "cacheB" => new CredentialCache { { _servers["B"], "Basic", secret } },
            _ => new CredentialCache { { _servers["A"], "Basic", secret }, { _servers["B"], "Basic", secret }, { _servers["S"], "Basic", secret } },
        };
    }

    private static T Pick<T>(Random random, params T[] values) => values[random.Next(values.Length)];

    /// <summary>One request and what it meets.</summary>
    internal sealed class Request
    {
        private readonly string _method;
        private readonly string _content;
        private readonly bool _chunked;
        private readonly bool _authorized;
        private readonly bool _continues;
        private readonly bool _spanned;
        private readonly Uri _address;

        public Request(Random random, RedirectServers servers)
        {
            _method = Pick(random, Methods);
            _content = _method is "GET" or "HEAD" or "OPTIONS" ? "none" : Pick(random, Contents);
            _chunked = _content != "none" && random.Next(5) == 0;
            _authorized = random.Next(4) == 0;
            _continues = _content != "none" && random.Next(8) == 0;
            _spanned = random.Next(6) == 0;
            _address = new Uri(servers[Pick(random, "A", "A", "S")], Pick(random, "start", "start?q=1", "start#part", "a/b/c?x=%20y"));
            Plan = [.. Enumerable.Range(0, random.Next(1, 5)).Select(number => new Hop(
                Pick(random, Statuses),
                Location(random, servers, number),
                random.Next(3) == 0 ? $"c{number}=v{number}; path=/" : null))];
        }

        public IReadOnlyList<Hop> Plan { get; }

        public override string ToString() =>
            $"{_method} {_address} content={_content} chunked={_chunked} authorized={_authorized} continues={_continues} spanned={_spanned} plan={string.Join(", ", Plan)}";

        public HttpRequestMessage Message(Version version)
        {
            var message = new HttpRequestMessage(new HttpMethod(_method), _address) { Version = version, VersionPolicy = HttpVersionPolicy.RequestVersionExact, Content = Content() };
            message.Headers.Add("X-Own", "yes");
            if (_authorized)
            {
                message.Headers.TryAddWithoutValidation("Authorization", "Token own");
            }

            if (_spanned)
            {
                message.Headers.Add("traceparent", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01");
            }

            if (_chunked)
            {
                message.Headers.TransferEncodingChunked = version.Major == 1;
            }

            if (_continues)
            {
                message.Headers.ExpectContinue = true;
            }

            return message;
        }

        private static string? Location(Random random, RedirectServers servers, int number) => Pick(random, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 3, 3, 4) switch
        {
            0 => $"/path{number}",
            1 => $"path{number}?y={number}",
            2 => $"#fragment{number}",
            3 => new Uri(servers["B"], $"b{number}").AbsoluteUri,
            4 => new Uri(servers["A"], $"a{number}#own").AbsoluteUri,
            5 => new Uri(servers["S"], $"s{number}").AbsoluteUri,
            6 => $"//{servers["B"].Authority}/relative{number}",
            7 => $"http://user:password@{servers["B"].Authority}/info{number}",
            8 => null,
            9 => $"ws://{servers["B"].Authority}/socket{number}",
            _ => Pick(random, "http://", "", "http://127.0.0.1:1/nobody", "file:///etc/hosts", "ftp://127.0.0.1:1/"),
        };

        private HttpContent? Content() => _content switch
        {
            "none" => null,
            "string" => new StringContent("text"),
            "stream" => new StreamContent(new MemoryStream("stream"u8.ToArray())),
            "once" => new StreamContent(new OnceStream("once"u8.ToArray())),
            "multipart" => new MultipartContent("mixed", "edge") { new StringContent("part") },
            "json" => JsonContent.Create(new { value = 1 }),
            _ => new PushedContent(),
        };
    }

    private sealed class OnceStream(byte[] bytes) : MemoryStream(bytes)
    {
        public override bool CanSeek => false;
    }

    /// <summary>A content of an application's own kind.</summary>
    private sealed class PushedContent : HttpContent
    {
        protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) => stream.WriteAsync("pushed"u8.ToArray(), 0, 6);

        protected override bool TryComputeLength(out long length)
        {
            length = 0;
            return false;
        }
    }

    /// <summary>A handler inside the primary that gives a token to each request that it sees.</summary>
    private sealed class CountingBearer : DelegatingHandler
    {
        private int _asked;

        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            request.Headers.TryAddWithoutValidation("X-Token", $"{++_asked}");
            request.Headers.Authorization ??= new("Bearer", $"{_asked}");
            return base.SendAsync(request, cancellationToken);
        }
    }
}
