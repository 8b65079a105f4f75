using System.Net;
using Microsoft.AspNetCore.Builder;

namespace Resilience.Polly.AspNetCore.Tests;

/// <summary>Environments, authorizations, addresses, hosts, proxies and pages of other origins in any combination, against what the docs promise.</summary>
public class AccessRuleTests
{
    private const string Remote = "Test-Remote";
    private const int Requests = 1_500;

    private static readonly (string Address, bool IsLocal)[] Remotes =
        [("127.0.0.1", true), ("127.8.8.8", true), ("::1", true), ("::ffff:127.0.0.1", true), ("", false), ("10.0.0.1", false), ("::ffff:10.0.0.1", false), ("fe80::1", false)];

    private static readonly (string Host, bool IsLocal)[] Hosts =
    [
        ("localhost", true), ("LOCALHOST:81", true), ("shop.localhost:81", true), ("127.0.0.1:81", true), ("[::1]:81", true),
        ("evil.example", false), ("localhost.evil.example", false), ("evillocalhost", false), ("10.0.0.1", false), ("localhost.", false),
    ];

    private static readonly string[] Forwarding =
    [
        "Forwarded", "X-Forwarded-For", "x-forwarded-host", "X-Forwarded-Proto", "X-Forwarded", "X-Forwarded-Client-Cert", "Forwarded-For", "X-Original-For",
        "X-Original-Proto", "Via", "X-Real-IP", "X-Client-IP", "True-Client-IP", "CF-Connecting-IP", "CF-Ray", "CDN-Loop", "Fastly-Client-IP", "Fly-Client-IP",
        "X-Cluster-Client-IP", "X-Azure-ClientIP", "X-Envoy-External-Address", "X-Amzn-Trace-Id", "X-ARR-LOG-ID", "X-Scheme", "Client-IP", "Proxy-Connection",
    ];

    private static readonly string[] Harmless = ["X-Request-ID", "X-Requested-With", "Accept-Language", "traceparent", "X-Shipment"];

    // What a browser says for: no browser, the address bar, the page itself, a link elsewhere, a script, a picture and a frame elsewhere.
    private static readonly (string? Site, string? Mode, string? Destination, bool IsOwn)[] Fetches =
    [
        (null, null, null, true), ("none", "navigate", "document", true), ("same-origin", "cors", "empty", true), ("cross-site", "navigate", "document", true),
        ("same-site", "navigate", "document", true), ("cross-site", "cors", "empty", false), ("same-site", "cors", "empty", false), ("cross-site", "no-cors", "image", false),
        ("same-site", "no-cors", "script", false), ("cross-site", "navigate", "iframe", false), ("cross-site", null, null, false), ("other", "cors", "empty", false),
    ];

    [Theory]
    [InlineData("Development")]
    [InlineData("Staging")]
    [InlineData("Production")]
    public async Task Dashboard_answers_exactly_whom_the_docs_name(string environment)
    {
        var seed = Random.Shared.Next();
        TestContext.Current.SendDiagnosticMessage($"seed {seed}");
        var random = new Random(seed);
        await using var app = await DashboardApp.StartAsync(services: Users.Add, environment: environment, map: Map);
        var answered = 0;
        for (var i = 0; i < Requests; i++)
        {
            var (request, isOpen) = Next(random, app.Address);
            using var sent = request;
            using var response = await app.Client.SendAsync(request);

            var expected = isOpen ?? environment == "Development" ? HttpStatusCode.OK : HttpStatusCode.Forbidden;
            Assert.True(expected == response.StatusCode, $"seed {seed}, request {i}: expected {expected}, got {response.StatusCode} for {request}");
            answered += response.IsSuccessStatusCode ? 1 : 0;
        }

        Assert.InRange(answered, Requests / 20, Requests * 19 / 20); // both answers were asked for
    }

    private static void Map(WebApplication app)
    {
        app.Use((context, next) =>
        {
            context.Connection.RemoteIpAddress = IPAddress.TryParse(context.Request.Headers[Remote], out var address) ? address : null;
            return next(context);
        });
        app.UseRouting();
        app.UseAuthentication();
        app.UseAuthorization();
        app.MapResilienceDashboard("/open");
        app.MapResilienceDashboard("/anonymous").AllowAnonymous();
        app.MapResilienceDashboard("/ops").RequireAuthorization("ops");
    }

    /// <summary>A request, and whether it is answered: always, never, or (null) in Development.</summary>
    private static (HttpRequestMessage Request, bool? IsOpen) Next(Random random, Uri server)
    {
        var map = Pick(["/open/", "/open/", "/open/", "/anonymous/", "/ops/"]);
        var request = new HttpRequestMessage(HttpMethod.Get, map);
        request.Headers.Add(Users.Header, "anna");

        // Mostly right, so that each rule decides alone often enough.
        var remote = IsRare() ? Pick(Remotes) : Remotes[0];
        var host = IsRare() ? Pick(Hosts) : (Host: server.Authority, IsLocal: true);
        var fetch = IsRare() ? Pick(Fetches) : Fetches[0];
        var isForwarded = IsRare();
        string? origin = !IsRare() ? null : Pick([$"http://{host.Host}", "null", "http://evil.example", $"https://{host.Host}", $"http://{host.Host}1", "http://localhost:3"]);
        request.Headers.Add(Remote, remote.Address.Length == 0 ? "none" : remote.Address);
        request.Headers.Host = host.Host;
        Add(isForwarded ? Pick(Forwarding) : Pick(Harmless), "1.1 x");
        Add("Sec-Fetch-Site", fetch.Site);
        Add("Sec-Fetch-Mode", fetch.Mode);
        Add("Sec-Fetch-Dest", fetch.Destination);
        Add("Origin", origin);

        var isLocal = remote.IsLocal && host.IsLocal && !isForwarded && fetch.IsOwn
            && (origin is null || origin.Equals($"http://{host.Host}", StringComparison.OrdinalIgnoreCase));
        return (request, map != "/open/" ? true : isLocal ? null : false);

        T Pick<T>(T[] choices) => choices[random.Next(choices.Length)];
        bool IsRare() => random.Next(5) == 0;
        void Add(string name, string? value)
        {
            if (value is not null)
            {
                Assert.True(request.Headers.TryAddWithoutValidation(name, value));
            }
        }
    }
}
