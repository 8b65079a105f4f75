using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Polly.CircuitBreaker;

namespace Resilience.Polly.AspNetCore.Tests;

public class ControlTests
{
    [Fact]
    public async Task Circuit_is_moved_for_whoever_the_policy_allows_and_the_log_says_who()
    {
        await using var app = await StartAsync("chief");

        var isolated = await PostAsync(app, "isolate?pipeline=payments");
        var stateThen = StateOf(app, "payments");
        var reset = await PostAsync(app, "reset?pipeline=payments");

        Assert.Equal((HttpStatusCode.NoContent, CircuitState.Isolated), (isolated, stateThen));
        Assert.Equal((HttpStatusCode.NoContent, CircuitState.Closed), (reset, StateOf(app, "payments")));
        Assert.Equal(
            [
                "Warning: The circuit of pipeline 'payments' was isolated on the dashboard by chief",
                "Warning: The circuit of pipeline 'payments' was reset on the dashboard by chief",
            ],
            app.Log.Lines);
    }

    [Fact]
    public async Task One_partition_is_moved_and_no_other()
    {
        await using var app = await StartAsync("chief");
        await app.CallAsync("tenants", partition: "acme & co");
        await app.CallAsync("tenants", partition: "other");

        var isolated = await PostAsync(app, "isolate?pipeline=tenants&partition=acme%20%26%20co");
        var statesThen = PartitionsOf(app);
        var reset = await PostAsync(app, "reset?pipeline=tenants&partition=acme%20%26%20co");

        Assert.Equal((HttpStatusCode.NoContent, HttpStatusCode.NoContent), (isolated, reset));
        Assert.Equal(["acme & co Isolated", "other Closed"], statesThen);
        Assert.Equal(["acme & co Closed", "other Closed"], PartitionsOf(app));
        Assert.Equal(
            [
                "Warning: The circuit of pipeline 'tenants (acme & co)' was isolated on the dashboard by chief",
                "Warning: The circuit of pipeline 'tenants (acme & co)' was reset on the dashboard by chief",
            ],
            app.Log.Lines);
    }

    [Theory]
    [InlineData("", null)]
    [InlineData("&seconds=600", 600)]
    public async Task Circuit_is_isolated_for_the_time_that_is_asked_for(string time, int? seconds)
    {
        await using var app = await StartAsync("chief");

        Assert.Equal(HttpStatusCode.NoContent, await PostAsync(app, $"isolate?pipeline=payments{time}"));

        var transition = app.Services.GetRequiredService<IResilienceMonitor>().GetSnapshot("payments").CircuitBreaker.LastTransition!;
        Assert.Equal((CircuitState.Isolated, seconds), (transition.To, (int?)transition.OpenFor?.TotalSeconds));
    }

    [Theory]
    [InlineData("chief\nfail: Payments[0] all is lost", "chief\\u000Afail: Payments[0] all is lost")]
    [InlineData("chief\r\n\u001b[31mred", "chief\\u000D\\u000A\\u001B[31mred")]
    [InlineData("chief\u0085\u2028\u2029\u202E", "chief\\u0085\\u2028\\u2029\\u202E")]
    [InlineData("chéf ☎ \\u000A", "chéf ☎ \\u000A")]
    public async Task Name_of_a_user_cannot_look_like_another_line_of_the_log(string name, string expected)
    {
        await using var app = await DashboardApp.StartAsync(services: Users.Add, map: app =>
        {
            app.Use((context, next) =>
            {
                context.User = new(new System.Security.Claims.ClaimsIdentity([new(System.Security.Claims.ClaimTypes.Name, name)], "Test"));
                return next(context);
            });
            app.UseAuthorization();
            app.MapResilienceDashboard(configure: options => options.ControlPolicy = "ops");
        });

        await PostAsync(app, "isolate?pipeline=payments");

        Assert.Equal($"Warning: The circuit of pipeline 'payments' was isolated on the dashboard by {expected}", Assert.Single(app.Log.Lines));
    }

    [Theory]
    [InlineData(null, HttpStatusCode.Unauthorized)]
    [InlineData("anna", HttpStatusCode.Forbidden)]
    public async Task Circuit_is_not_moved_for_others(string? user, HttpStatusCode expected)
    {
        await using var app = await StartAsync(user);

        using var token = await app.Client.GetAsync("/resilience/circuits/token");
        using var isolated = await app.Client.PostAsync("/resilience/circuits/isolate?pipeline=payments", null);
        using var reset = await app.Client.PostAsync("/resilience/circuits/reset?pipeline=payments", null);

        Assert.Equal((expected, expected, expected), (token.StatusCode, isolated.StatusCode, reset.StatusCode));
        Assert.Equal(CircuitState.Closed, StateOf(app, "payments"));
    }

    [Theory]
    [InlineData("token")]
    [InlineData("isolate")]
    [InlineData("reset")]
    public async Task AllowAnonymous_on_the_dashboard_opens_the_page_and_not_the_buttons(string action)
    {
        await using var app = await DashboardApp.StartAsync(services: Users.Add, map: app =>
        {
            app.UseAuthentication();
            app.UseAuthorization();
            app.MapResilienceDashboard(configure: options => options.ControlPolicy = Users.ControlPolicy).AllowAnonymous();
        });
        using var request = new HttpRequestMessage(action == "token" ? HttpMethod.Get : HttpMethod.Post, $"/resilience/circuits/{action}?pipeline=payments");

        using var response = await app.Client.SendAsync(request);
        var html = await app.Client.GetStringAsync("/resilience/");

        Assert.Equal(HttpStatusCode.Forbidden, response.StatusCode);
        Assert.Contains("data-controls=\"\"", html, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("forged")]
    public async Task Circuit_is_not_moved_without_the_antiforgery_token(string? token)
    {
        await using var app = await StartAsync("chief");

        Assert.Equal(HttpStatusCode.BadRequest, await PostAsync(app, "isolate?pipeline=payments", token ?? ""));
        Assert.Equal(CircuitState.Closed, StateOf(app, "payments"));
        Assert.Empty(app.Log.Lines);
    }

    [Theory]
    [InlineData("isolate", HttpStatusCode.BadRequest)]
    [InlineData("isolate?pipeline=", HttpStatusCode.BadRequest)]
    [InlineData("isolate?pipeline=payments&pipeline=search", HttpStatusCode.BadRequest)]
    [InlineData("reset?pipeline=nothing", HttpStatusCode.NotFound)]
    [InlineData("isolate?pipeline=observed", HttpStatusCode.Conflict)]
    [InlineData("isolate?pipeline=tenants&partition=", HttpStatusCode.BadRequest)]
    [InlineData("isolate?pipeline=tenants&partition=a&partition=b", HttpStatusCode.BadRequest)]
    [InlineData("isolate?pipeline=payments&seconds=", HttpStatusCode.BadRequest)]
    [InlineData("isolate?pipeline=payments&seconds=1.5", HttpStatusCode.BadRequest)]
    [InlineData("isolate?pipeline=payments&seconds=-60", HttpStatusCode.BadRequest)]
    [InlineData("isolate?pipeline=payments&seconds=0", HttpStatusCode.BadRequest)]
    [InlineData("isolate?pipeline=payments&seconds=2592001", HttpStatusCode.BadRequest)]
    [InlineData("isolate?pipeline=payments&seconds=99999999999", HttpStatusCode.BadRequest)]
    [InlineData("isolate?pipeline=payments&seconds=60&seconds=600", HttpStatusCode.BadRequest)]
    [InlineData("isolate?pipeline=tenants&partition=forgotten", HttpStatusCode.NotFound)]
    [InlineData("reset?pipeline=payments&partition=none", HttpStatusCode.NotFound)]
    public async Task Wrong_request_moves_nothing_and_is_told_why(string path, HttpStatusCode expected)
    {
        await using var app = await StartAsync("chief");

        Assert.Equal(expected, await PostAsync(app, path));
        Assert.Empty(app.Log.Lines);
    }

    [Theory]
    [InlineData("chief", true)]
    [InlineData("anna", false)]
    [InlineData(null, false)]
    public async Task Page_has_buttons_for_whoever_the_policy_allows(string? user, bool hasButtons)
    {
        await using var app = await StartAsync(user);

        var html = await app.Client.GetStringAsync("/resilience/");

        Assert.Contains($"data-controls=\"{(hasButtons ? "circuits" : "")}\"", html, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("isolate")]
    [InlineData("reset")]
    public async Task Nothing_is_behind_the_buttons_by_default(string action)
    {
        await using var app = await DashboardApp.StartAsync();

        using var response = await app.Client.PostAsync($"/resilience/circuits/{action}?pipeline=payments", null);

        Assert.Equal(HttpStatusCode.NotFound, response.StatusCode);
    }

    private static async Task<DashboardApp> StartAsync(string? user)
    {
        var app = await DashboardApp.StartAsync(
            builder => builder.AddPipeline("payments").AddPipeline("search").AddPipeline("tenants", o => o.PartitionBy = PartitionBy.Key)
                .AddPipeline("observed", o => o.CircuitBreaker.Mode = CircuitBreakerMode.Observe),
            Users.Add,
            Users.MapWithButtons);
        if (user is not null)
        {
            app.Client.DefaultRequestHeaders.Add(Users.Header, user);
        }

        return app;
    }

    private static async Task<HttpStatusCode> PostAsync(DashboardApp app, string path, string? token = null)
    {
        var given = await app.Client.GetFromJsonAsync<JsonElement>("/resilience/circuits/token");
        using var request = new HttpRequestMessage(HttpMethod.Post, $"/resilience/circuits/{path}");
        request.Headers.Add(given.GetProperty("header").GetString()!, token ?? given.GetProperty("token").GetString());
        using var response = await app.Client.SendAsync(request);
        return response.StatusCode;
    }

    private static CircuitState StateOf(DashboardApp app, string pipeline) =>
        app.Services.GetRequiredService<IResilienceMonitor>().GetSnapshot(pipeline).CircuitBreaker.State;

    private static IEnumerable<string> PartitionsOf(DashboardApp app) =>
        [.. app.Services.GetRequiredService<IResilienceMonitor>().GetSnapshot("tenants").Partitions.Select(partition => $"{partition.Key} {partition.CircuitBreaker.State}").Order()];
}
