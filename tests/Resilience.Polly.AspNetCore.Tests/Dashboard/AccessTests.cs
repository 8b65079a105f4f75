using System.Net;
using Microsoft.AspNetCore.Builder;

namespace Resilience.Polly.AspNetCore.Tests;

public class AccessTests
{
    public static TheoryData<string> Paths => ["/resilience/", "/resilience/stream", "/resilience/assets/x/main.js"];

    [Theory]
    [InlineData(null, null, null, true)]
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
