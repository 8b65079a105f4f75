using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Hosting.Internal;

namespace Resilience.Polly.Tests.Timeouts;

public class DebuggerTests
{
    [Fact]
    public async Task Timeouts_are_an_hour_while_a_debugger_is_attached_and_their_own_before_and_after()
    {
        var isAttached = false;
        await using var app = Of("Development", builder => builder.LengthenTimeoutsWhileDebugging(() => isAttached));
        await app.StartAsync();
        Assert.Equal((10, 30, null, 20, 1.5), Limits(app));

        isAttached = true;
        app.Pass(1);
        Assert.Equal((3600, 3600, 3600, 3600, 1.5), Limits(app));

        // A call that takes longer than its limit goes on.
        using var call = new HeldCall(app.Pipeline);
        app.Pass(120);
        Assert.False(call.Ended.IsCompleted);
        call.Answer();
        await call.Ended;

        isAttached = false;
        app.Pass(1);
        Assert.Equal((10, 30, null, 20, 1.5), Limits(app));
    }

    [Theory]
    [InlineData("Production", true)]
    [InlineData("Staging", true)]
    [InlineData(null, true)]
    [InlineData("Development", false)]
    public async Task Timeouts_stay_elsewhere_and_where_nobody_asked(string? environment, bool isAskedFor)
    {
        await using var app = Of(environment, builder => _ = isAskedFor ? builder.LengthenTimeoutsWhileDebugging(() => true) : builder);
        await app.StartAsync();
        app.Pass(2);
        Assert.Equal((10, 30, null, 20, 1.5), Limits(app));
    }

    [Fact]
    public async Task Without_an_argument_the_debugger_of_the_process_counts()
    {
        await using var app = Of("Development", builder => builder.LengthenTimeoutsWhileDebugging());
        Assert.Equal(System.Diagnostics.Debugger.IsAttached, app.Snapshot.Options.Timeout.Read > TimeSpan.FromSeconds(30));
    }

    private static (double, double, double?, double?, double) Limits(TestPipelines app)
    {
        var timeout = app.Snapshot.Options.Timeout;
        return (timeout.Connect.TotalSeconds, timeout.Read.TotalSeconds, timeout.Attempt?.TotalSeconds, timeout.Total?.TotalSeconds, timeout.ProgressiveStep);
    }

    private static TestPipelines Of(string? environment, Action<IResilienceBuilder> configure) => new(services =>
    {
        if (environment is not null)
        {
            services.AddSingleton<IHostEnvironment>(new HostingEnvironment { EnvironmentName = environment });
        }

        configure(services.AddResilience(Json.Section(
            """{ "Pipelines": { "payments": { "BasedOn": "base", "Timeout": { "Total": "00:00:20" } }, "base": { "Timeout": { "ProgressiveStep": 1.5 } } } }""")));
    });
}
