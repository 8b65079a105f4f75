using System.Net;
using Microsoft.Extensions.DependencyInjection;

namespace Resilience.Polly.Http.Tests.Clients;

/// <summary>A relative address stays with the server of the base address, however it is written.</summary>
[Collection(nameof(RealTime))] // so much work at once would show in what a test beside it allocates
public class AddressTests
{
    private static readonly Uri Base = new("https://payments.example:8443/v1/");

    private static readonly string[] Pieces =
    [
        "/", "/", "\\", "\\", " ", "\t", "\r", "\n", "\0", "\v", "\f", "\u0085", "\u00a0", "\u2028", "\ufeff", "\uff0f", "\u2215", "\u29f8", "\uff3c", "\u202e", "\ud800",
        ":", "@", "?", "#", ".", "..", ";", "=", "&", "%", "%2f", "%5c", "%0d%0a", "[", "]", "[::1]", "|", "^", "{", "<", "\"", "'",
        "evil.example", "evil.example:8443", "payments.example", "127.0.0.1", "\u24d4vil", "x", "v1", "http", "https", "HTTPS", "http:", "https:", "file:", "javascript:", "user:pw@", "8443",
    ];

    [Theory]
    [InlineData("//evil.example/x")]
    [InlineData(" //evil.example/x")]
    [InlineData("\t//evil.example/x")]
    [InlineData("\r\n //evil.example/x")]
    [InlineData("\\/evil.example/x")]
    [InlineData(" \\/evil.example/x")]
    [InlineData("\\\\evil.example/x")]
    [InlineData(" https://evil.example/x")]
    [InlineData("//user:pw@payments.example:8443/x")]
    [InlineData("//payments.example/x")]
    public async Task Relative_address_that_names_another_server_is_refused(string address)
    {
        await using var app = new Application();
        var refused = await Assert.ThrowsAsync<ArgumentException>(() => app.Client.GetAsync(address));
        Assert.Equal("address", refused.ParamName);
        Assert.DoesNotContain("pw", refused.Message);
        Assert.Empty(app.Sent);
    }

    [Theory]
    [InlineData("orders", "https://payments.example:8443/v1/orders")]
    [InlineData("/orders", "https://payments.example:8443/orders")]
    [InlineData("../orders?x=//evil", "https://payments.example:8443/orders?x=//evil")]
    [InlineData("?x=1", "https://payments.example:8443/v1/?x=1")]
    [InlineData("", "https://payments.example:8443/v1/")]
    [InlineData("@evil.example", "https://payments.example:8443/v1/@evil.example")]
    [InlineData("//payments.example:8443/x", "https://payments.example:8443/x")]
    [InlineData("https://other.example/x", "https://other.example/x")]
    [InlineData("HTTP://other.example/x", "http://other.example/x")]
    public async Task Address_is_joined_with_the_base_as_HttpClient_does_it(string address, string expected)
    {
        await using var app = new Application();
        (await app.Client.GetAsync(address)).Dispose();
        Assert.Equal(expected, Assert.Single(app.Sent).AbsoluteUri);
    }

    [Fact]
    public async Task Relative_address_never_leaves_its_server_and_is_refused_as_an_argument()
    {
        var seed = Environment.TickCount;
        var random = new Random(seed);
        await using var app = new Application();
        var client = app.Client;
        var (sent, refused) = (0, 0);
        for (var round = 0; round < 20_000; round++)
        {
            var text = string.Concat(Enumerable.Range(0, random.Next(1, 7)).Select(_ => Pieces[random.Next(Pieces.Length)]));
            if (text.StartsWith("http://", StringComparison.OrdinalIgnoreCase) || text.StartsWith("https://", StringComparison.OrdinalIgnoreCase))
            {
                continue; // an absolute one
            }

            app.Sent.Clear();
            var seen = await Record.ExceptionAsync(async () => (await SendAsync(client, text, asMessage: round % 2 == 0)).Dispose());
            var shown = $"seed {seed}, round {round}: '{Uri.EscapeDataString(text.Replace('\ud800', '_'))}'";
            Assert.True(seen is null or ArgumentException, $"{shown} gives {seen}");
            Assert.True(seen is null == (app.Sent.Count == 1), $"{shown} was sent {app.Sent.Count} times");
            Assert.True(app.Sent.TrueForAll(uri => (uri.Scheme, uri.IdnHost, uri.Port, uri.UserInfo) == (Base.Scheme, Base.IdnHost, Base.Port, "")), $"{shown} went to {app.Sent.FirstOrDefault()}");
            (sent, refused) = seen is null ? (sent + 1, refused) : (sent, refused + 1);
        }

        Assert.True(sent > 1000 && refused > 1000, $"seed {seed}: {sent} were sent and {refused} refused");
    }

    private static Task<HttpResponseMessage> SendAsync(ResilientClient client, string text, bool asMessage) =>
        asMessage && Parse(text) is { } uri ? client.SendAsync(new HttpRequestMessage(HttpMethod.Get, uri)) : client.GetAsync(text);

    // None where it is an absolute one: whoever made that had it parsed. .NET itself throws at some, such as "//\u202e".
    private static Uri? Parse(string text)
    {
        try
        {
            return Uri.TryCreate(text, UriKind.RelativeOrAbsolute, out var uri) && !(uri.IsAbsoluteUri && uri.Scheme is "http" or "https") ? uri : null;
        }
        catch (IndexOutOfRangeException)
        {
            return null;
        }
    }

    [Theory]
    [InlineData("//\u202e")]
    [InlineData("\\\\\u202e")]
    [InlineData("https://\u202e")]
    [InlineData("https://")]
    [InlineData("http://exa mple/")]
    public async Task Address_that_dotNET_cannot_parse_is_refused_as_an_argument(string address)
    {
        await using var app = new Application();
        await Assert.ThrowsAsync<ArgumentException>(() => app.Client.GetAsync(address));
        Assert.Empty(app.Sent);
    }

    private sealed class Application : IAsyncDisposable
    {
        private readonly HttpApp _app;

        public Application() => _app = new HttpApp(o => o.BaseAddress = Base, client => client.ConfigurePrimaryHttpMessageHandler(() => new Capture(Sent)));

        public List<Uri> Sent { get; } = [];

        public ResilientClient Client => _app.Client;

        public ValueTask DisposeAsync() => _app.DisposeAsync();
    }

    private sealed class Capture(List<Uri> sent) : HttpMessageHandler
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            sent.Add(request.RequestUri!);
            return Task.FromResult(new HttpResponseMessage(HttpStatusCode.OK));
        }
    }
}
