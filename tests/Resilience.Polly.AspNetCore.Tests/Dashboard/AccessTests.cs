using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;

namespace Resilience.Polly.AspNetCore.Tests;

public class AccessTests
{
    public static TheoryData<string> Paths => ["/resilience/", "/resilience/stream", "/resilience/assets/x/main.js"];

    [Theory]
    [InlineData(null, null, null, false)] // a Unix socket: anybody may be behind it
    [InlineData("127.0.0.1", null, null, true)]
    [InlineData("::1", null, null, true)]
    [InlineData("::ffff:127.0.0.1", null, null, true)]
    [InlineData("127.0.0.1", "app.localhost:5080", null, true)]
    [InlineData("127.0.0.1", "[::1]:5080", null, true)]
    [InlineData("203.0.113.7", null, null, false)]
    [InlineData("10.0.0.1", null, null, false)]
    [InlineData("127.0.0.1", "evil.example", null, false)]
    [InlineData("127.0.0.1", "localhost.evil.example", null, false)]
    [InlineData("127.0.0.1", null, "X-Forwarded-For", false)]
    [InlineData("127.0.0.1", null, "X-Original-For", false)]
    [InlineData("127.0.0.1", null, "Forwarded", false)]
    [InlineData(null, null, "X-Forwarded-For", false)]
    public async Task Dashboard_without_authorization_answers_local_requests_only(string? remote, string? host, string? header, bool isAnswered)
    {
        await using var app = await DashboardApp.StartAsync(map: app => Map(app, remote));
        using var request = new HttpRequestMessage(HttpMethod.Get, "/resilience/");
        request.Headers.Host = host;
        if (header is not null)
        {
            request.Headers.Add(header, "for=127.0.0.1");
        }

        using var response = await app.Client.SendAsync(request);

        Assert.Equal(isAnswered ? HttpStatusCode.OK : HttpStatusCode.Forbidden, response.StatusCode);
    }

    [Theory]
    [MemberData(nameof(Paths))]
    public async Task Everything_is_refused_to_others_without_authorization(string path)
    {
        await using var app = await DashboardApp.StartAsync(map: app => Map(app, "203.0.113.7"));

        using var response = await app.Client.GetAsync(path);
        using var again = await app.Client.GetAsync(path);

        Assert.Equal(HttpStatusCode.Forbidden, response.StatusCode);
        Assert.Contains("RequireAuthorization", Assert.Single(app.Log.Lines));
        Assert.Equal("The dashboard has no authorization, and without one it answers requests from a loopback address only.", await again.Content.ReadAsStringAsync());
    }

    [Theory]
    [InlineData("Production")]
    [InlineData("Staging")]
    [InlineData("development-eu")]
    public async Task Dashboard_without_authorization_answers_nobody_outside_Development_and_warns_at_start(string environment)
    {
        await using var app = await DashboardApp.StartAsync(environment: environment);

        var warning = Assert.Single(app.Log.Lines);
        foreach (var path in Paths)
        {
            using var response = await app.Client.GetAsync(path.Data);
            Assert.Equal(HttpStatusCode.Forbidden, response.StatusCode);
            Assert.Equal("The dashboard has no authorization, and without one it answers in the Development environment only.", await response.Content.ReadAsStringAsync());
        }

        Assert.Equal(
            $"Warning: The resilience dashboard at /resilience/ has no authorization and answers no one in the environment '{environment}'. " +
            "Write MapResilienceDashboard(...).RequireAuthorization(\"policy\"), or AllowAnonymous() to open it to everyone who can reach it",
            warning);
        Assert.Equal(2, app.Log.Lines.Count); // the first refusal, and none after it
    }

    [Theory]
    [InlineData("here")]
    [InlineData("around")]
    [InlineData("anonymous")]
    public async Task Dashboard_with_authorization_does_not_warn_at_start(string where)
    {
        await using var app = await DashboardApp.StartAsync(services: Users.Add, environment: "Production", map: app =>
        {
            app.UseAuthentication();
            app.UseAuthorization();
            _ = where switch
            {
                "here" => app.MapResilienceDashboard().RequireAuthorization("ops"),
                "around" => app.MapGroup("").RequireAuthorization("ops").MapResilienceDashboard(),
                _ => app.MapResilienceDashboard().AllowAnonymous(),
            };
        });
        app.Client.DefaultRequestHeaders.Add(Users.Header, "anna");

        using var response = await app.Client.GetAsync("/resilience/");

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Empty(app.Log.Lines);
    }

    [Theory]
    [InlineData("Production", null, HttpStatusCode.Unauthorized)]
    [InlineData("Production", "anna", HttpStatusCode.Forbidden)]
    [InlineData("Development", null, HttpStatusCode.Unauthorized)]
    [InlineData("Development", "anna", HttpStatusCode.OK)]
    public async Task A_fallback_policy_guards_the_dashboard_and_opens_it_to_nobody(string environment, string? user, HttpStatusCode expected)
    {
        await using var app = await DashboardApp.StartAsync(
            services: services =>
            {
                Users.Add(services);
                services.AddAuthorizationBuilder().SetFallbackPolicy(new AuthorizationPolicyBuilder().RequireAuthenticatedUser().Build());
            },
            environment: environment,
            map: app =>
            {
                app.UseAuthentication();
                app.UseAuthorization();
                app.MapResilienceDashboard();
            });
        app.Client.DefaultRequestHeaders.Add(Users.Header, user is null ? [] : [user]);

        using var response = await app.Client.GetAsync("/resilience/");

        Assert.Equal(expected, response.StatusCode);
    }

    [Fact]
    public async Task The_policy_of_the_buttons_does_not_open_what_the_page_keeps_closed()
    {
        await using var app = await DashboardApp.StartAsync(services: Users.Add, environment: "Production", map: Users.MapWithButtons);
        app.Client.DefaultRequestHeaders.Add(Users.Header, "chief");

        using var response = await app.Client.GetAsync("/resilience/circuits/token");

        Assert.Equal(HttpStatusCode.Forbidden, response.StatusCode);
    }

    [Fact]
    public async Task A_policy_that_no_middleware_enforces_opens_nothing()
    {
        await using var app = await DashboardApp.StartAsync(environment: "Production", map: app =>
            app.MapResilienceDashboard().WithMetadata(new AuthorizationPolicyBuilder().RequireAuthenticatedUser().Build()));

        using var response = await app.Client.GetAsync("/resilience/");

        Assert.Equal(HttpStatusCode.Forbidden, response.StatusCode);
    }

    [Fact]
    public async Task A_unix_socket_is_not_local()
    {
        var path = Path.Combine(Path.GetTempPath(), $"{Guid.NewGuid():N}.sock");
        await using var app = await DashboardApp.StartAsync(listen: kestrel => kestrel.ListenUnixSocket(path));
        using var client = new HttpClient(new SocketsHttpHandler
        {
            ConnectCallback = async (_, cancellationToken) =>
            {
                var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
                await socket.ConnectAsync(new UnixDomainSocketEndPoint(path), cancellationToken);
                return new NetworkStream(socket, ownsSocket: true);
            },
        });

        using var response = await client.GetAsync("http://localhost/resilience/");

        Assert.Equal(HttpStatusCode.Forbidden, response.StatusCode);
    }

    [Theory]
    [MemberData(nameof(Paths))]
    public async Task An_output_cache_that_keeps_everything_does_not_serve_one_viewer_the_answer_of_another(string path)
    {
        await using var app = await DashboardApp.StartAsync(
            services: services => services.AddOutputCache(cache => cache.AddBasePolicy(policy => policy.Expire(TimeSpan.FromHours(1)))),
            map: app =>
            {
                app.UseOutputCache();
                app.MapResilienceDashboard();
            });
        if (path.EndsWith("stream", StringComparison.Ordinal))
        {
            using var stream = await app.WatchAsync(path);
            await stream.NextAsync("whole");
        }
        else
        {
            (await app.Client.GetAsync(path)).Dispose();
        }

        using var request = new HttpRequestMessage(HttpMethod.Get, path) { Headers = { { "X-Forwarded-For", "203.0.113.7" } } };
        using var response = await app.Client.SendAsync(request);

        Assert.Equal(HttpStatusCode.Forbidden, response.StatusCode);
    }

    [Theory]
    [MemberData(nameof(Paths))]
    public async Task One_RequireAuthorization_guards_everything(string path)
    {
        await using var app = await DashboardApp.StartAsync(services: Users.Add, map: app =>
        {
            app.UseAuthentication();
            app.UseAuthorization();
            app.MapResilienceDashboard().RequireAuthorization("ops");
        });

        using var response = await app.Client.GetAsync(path);

        Assert.Equal(HttpStatusCode.Unauthorized, response.StatusCode);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Dashboard_with_authorization_answers_from_everywhere(bool isAnonymous)
    {
        await using var app = await DashboardApp.StartAsync(services: Users.Add, map: app =>
        {
            From(app, "203.0.113.7");
            app.UseRouting();
            app.UseAuthentication();
            app.UseAuthorization();
            var dashboard = app.MapResilienceDashboard();
            _ = isAnonymous ? dashboard.AllowAnonymous() : dashboard.RequireAuthorization("ops");
        });
        app.Client.DefaultRequestHeaders.Add(Users.Header, "anna");

        using var response = await app.Client.GetAsync("/resilience/");

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
    }

    private static void Map(WebApplication app, string? remote)
    {
        From(app, remote);
        app.MapResilienceDashboard();
    }

    private static void From(WebApplication app, string? remote) => app.Use((context, next) =>
    {
        context.Connection.RemoteIpAddress = remote is null ? null : IPAddress.Parse(remote);
        return next(context);
    });
}
