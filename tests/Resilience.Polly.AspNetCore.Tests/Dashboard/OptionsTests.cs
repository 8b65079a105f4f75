using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace Resilience.Polly.AspNetCore.Tests;

public class OptionsTests
{
    [Fact]
    public async Task Map_with_faulty_options_lists_each_with_its_value_and_range()
    {
        await using var app = Build(services => services.AddResilience());

        var refused = Assert.Throws<OptionsValidationException>(() => app.MapResilienceDashboard(configure: options =>
        {
            options.MaxStreams = 0;
            options.Interval = TimeSpan.FromSeconds(11);
            options.MaxHistoryMegabytes = 4_097;
            options.ApplicationName = "";
            options.InstanceName = "\t";
            options.TraceUrl = "https://traces.internal/";
            options.ControlPolicy = " ";
        }));

        Assert.Equal(
            [
                "MaxStreams = 0: out of range, allowed is 1 to 10000",
                "Interval = 00:00:11: out of range, allowed is 00:00:00.1000000 to 00:00:10",
                "MaxHistoryMegabytes = 4097: out of range, allowed is 1 to 4096",
                "ApplicationName = \"\": a name is expected, or null for that of the host",
                "InstanceName = \"\t\": a name is expected, or null for machine and process",
                "TraceUrl = \"https://traces.internal/\": {requestId} or {traceId} is expected in it",
                "ControlPolicy = \" \": the name of an authorization policy is expected, or null for no buttons",
            ],
            refused.Failures);
    }

    [Theory]
    [InlineData(1, 1, true)]
    [InlineData(10_000, 10, true)]
    [InlineData(10_001, 1, false)]
    [InlineData(1, 0.1, true)]
    [InlineData(1, 0.099, false)]
    [InlineData(1, 10, true)]
    [InlineData(1, 10.001, false)]
    public async Task Map_takes_what_is_in_range(int streams, double seconds, bool isTaken)
    {
        await using var app = Build(services => services.AddResilience());

        Assert.Equal(isTaken, IsTaken(app, options => (options.MaxStreams, options.Interval) = (streams, TimeSpan.FromSeconds(seconds))));
    }

    [Theory]
    [InlineData(10, 1, true)]
    [InlineData(9.9, 1, false)]
    [InlineData(3_600, 1, true)]
    [InlineData(3_601, 2, false)]
    [InlineData(360, 0.1, true)]
    [InlineData(361, 0.1, false)]
    public async Task Map_takes_a_history_of_10_seconds_to_1_hour_and_3600_samples(double seconds, double interval, bool isTaken)
    {
        await using var app = Build(services => services.AddResilience());

        Assert.Equal(isTaken, IsTaken(app, options => (options.History, options.Interval) = (TimeSpan.FromSeconds(seconds), TimeSpan.FromSeconds(interval))));
    }

    [Theory]
    [InlineData("https://traces.internal/search?id={requestId}", true)]
    [InlineData("HTTP://traces.internal:8080/#/{traceId}/{requestId}", true)]
    [InlineData("//traces.internal/{traceId}", true)]
    [InlineData("/traces/{traceId}", true)]
    [InlineData("../traces?q={requestId}", true)]
    [InlineData("{requestId}", true)]
    [InlineData("javascript:alert('{requestId}')", false)]
    [InlineData("JavaScript://x/{requestId}", false)]
    [InlineData("data:text/html,{requestId}", false)]
    [InlineData("ftp://traces.internal/{requestId}", false)]
    [InlineData(" javascript:{requestId}", false)]
    [InlineData("java\nscript:{requestId}", false)]
    [InlineData("https://{requestId}/", false)]
    [InlineData("https://{requestId}.traces.internal/", false)]
    [InlineData("https://traces.internal{requestId}/", false)]
    [InlineData("https://user@traces.internal/{requestId}", false)]
    [InlineData("https:///{requestId}", false)]
    [InlineData("//{requestId}/", false)]
    [InlineData("/\\evil.example/{requestId}", false)]
    [InlineData("https:{requestId}", false)]
    [InlineData("https://traces.internal/{id}/{requestId}", false)]
    [InlineData("https://traces.internal/{requestid}", false)]
    [InlineData("https://traces.internal/{{requestId}}", false)]
    public async Task Map_takes_a_TraceUrl_that_leads_to_http_and_to_a_host_of_its_own(string url, bool isTaken)
    {
        await using var app = Build(services => services.AddResilience());

        Assert.Equal(isTaken, IsTaken(app, options => options.TraceUrl = url));
    }

    [Fact]
    public async Task Map_without_pipelines_says_what_is_missing()
    {
        await using var app = Build(_ => { });

        Assert.Contains("AddResilience()", Assert.Throws<InvalidOperationException>(() => app.MapResilienceDashboard()).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(false, false, "AddAuthorization()")]
    [InlineData(true, false, "AddAntiforgery()")]
    [InlineData(true, true, "no authorization policy of this name")]
    public async Task Map_with_buttons_says_what_they_need(bool hasAuthorization, bool hasAntiforgery, string missing)
    {
        await using var app = Build(services =>
        {
            services.AddResilience();
            _ = hasAuthorization ? services.AddAuthorization() : services;
            _ = hasAntiforgery ? services.AddAntiforgery() : services;
        });

        var refused = Assert.Throws<InvalidOperationException>(() => app.MapResilienceDashboard(configure: options => options.ControlPolicy = "ops"));

        Assert.Contains("ControlPolicy = \"ops\"", refused.Message, StringComparison.Ordinal);
        Assert.Contains(missing, refused.Message, StringComparison.Ordinal);
    }

    private static WebApplication Build(Action<IServiceCollection> services)
    {
        var builder = WebApplication.CreateSlimBuilder();
        services(builder.Services);
        return builder.Build();
    }

    private static bool IsTaken(WebApplication app, Action<DashboardOptions> configure)
    {
        try
        {
            app.MapResilienceDashboard(configure: configure);
            return true;
        }
        catch (OptionsValidationException)
        {
            return false;
        }
    }
}
