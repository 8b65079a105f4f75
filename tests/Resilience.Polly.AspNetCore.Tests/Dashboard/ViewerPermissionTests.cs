using System.Security.Claims;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.Cookies;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace Resilience.Polly.AspNetCore.Tests;

/// <summary>A stream ends when its viewer may no longer look, and not before.</summary>
public class ViewerPermissionTests
{
    private static readonly TimeSpan Tick = TimeSpan.FromSeconds(1);

    [Theory]
    [InlineData("policy", true)]
    [InlineData("fallback", true)]
    [InlineData("anonymous", false)]
    public async Task Stream_ends_within_30_seconds_of_a_policy_that_no_longer_allows_its_viewer(string authorization, bool isAsked)
    {
        var isAllowed = true;
        var asked = 0;
        await using var app = await DashboardApp.StartAsync(
            isClockFake: true,
            services: services =>
            {
                Users.Add(services);
                var policy = new AuthorizationPolicyBuilder().RequireAssertion(_ => (Interlocked.Increment(ref asked), Volatile.Read(ref isAllowed)).Item2).Build();
                services.AddAuthorizationBuilder().AddPolicy("live", policy).SetFallbackPolicy(policy);
            },
            map: app =>
            {
                app.UseAuthentication();
                app.UseAuthorization();
                var dashboard = app.MapResilienceDashboard();
                _ = authorization switch { "policy" => dashboard.RequireAuthorization("live"), "anonymous" => dashboard.AllowAnonymous(), _ => dashboard };
            });
        using var stream = await app.WatchAsync();
        await stream.NextAsync("whole");
        await TicksAsync(app, stream, 35);
        await StreamTests.EventuallyAsync(() => Task.FromResult(Volatile.Read(ref asked) == (isAsked ? 2 : 0))); // at the beginning, and after 30 s

        Volatile.Write(ref isAllowed, false);

        if (isAsked)
        {
            await EndsAsync(app, stream);
            Assert.Equal(["Information: A stream of the resilience dashboard ended because its viewer may no longer look"], app.Log.Lines);
        }
        else
        {
            await TicksAsync(app, stream, 65);
        }
    }

    [Fact]
    public async Task Stream_ends_when_the_cookie_of_its_viewer_expires()
    {
        await using var app = await DashboardApp.StartAsync(
            isClockFake: true,
            services: services =>
            {
                services.AddAuthentication(CookieAuthenticationDefaults.AuthenticationScheme).AddCookie(cookie => cookie.ExpireTimeSpan = TimeSpan.FromSeconds(10));
                services.AddAuthorization();
                services.AddDataProtection().UseEphemeralDataProtectionProvider();
            },
            map: app =>
            {
                app.UseAuthentication();
                app.UseAuthorization();
                app.MapGet("/in", (HttpContext context) => context.SignInAsync(new ClaimsPrincipal(new ClaimsIdentity([new(ClaimTypes.Name, "anna")], "Test"))));
                app.MapResilienceDashboard().RequireAuthorization();
            });
        using (var signedIn = await app.Client.GetAsync("/in"))
        {
            app.Client.DefaultRequestHeaders.Add("Cookie", signedIn.Headers.GetValues("Set-Cookie").Single().Split(';')[0]);
        }

        using var stream = await app.WatchAsync();
        await stream.NextAsync("whole");
        await TicksAsync(app, stream, 10);

        var ticks = await EndsAsync(app, stream);

        Assert.InRange(ticks, 1, 20); // with the cookie, and not with the next look after 30 s
    }

    [Fact]
    public async Task Stream_ends_when_it_cannot_be_asked_whether_its_viewer_may_look()
    {
        var isBroken = false;
        await using var app = await DashboardApp.StartAsync(
            isClockFake: true,
            services: services =>
            {
                Users.Add(services);
                services.AddAuthorizationBuilder().AddPolicy("live", policy => policy.RequireAssertion(
                    _ => Volatile.Read(ref isBroken) ? throw new InvalidOperationException("The directory is down.") : true));
            },
            map: app =>
            {
                app.UseAuthentication();
                app.UseAuthorization();
                app.MapResilienceDashboard().RequireAuthorization("live");
            });
        using var stream = await app.WatchAsync();
        await stream.NextAsync("whole");

        Volatile.Write(ref isBroken, true);

        await EndsAsync(app, stream);
        Assert.Contains("Error: The resilience dashboard could not check whether a viewer may still look, and ends the stream", app.Log.Lines);
    }

    private static async Task TicksAsync(DashboardApp app, PageStream stream, int count)
    {
        for (var i = 0; i < count; i++)
        {
            app.Clock.Advance(Tick);
            await stream.NextAsync("tick");
        }
    }

    /// <summary>Lets time pass until the stream ends; the number of ticks that it took.</summary>
    private static async Task<int> EndsAsync(DashboardApp app, PageStream stream)
    {
        for (var ticks = 1; ticks < 1_000; ticks++)
        {
            app.Clock.Advance(Tick);
            if (await stream.NextAsync() is null)
            {
                return ticks;
            }
        }

        throw new InvalidOperationException("The stream does not end.");
    }
}
