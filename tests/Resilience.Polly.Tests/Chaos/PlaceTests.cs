using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using static Resilience.Polly.TestKit.Dependency;

namespace Resilience.Polly.Tests.Chaos;

/// <summary>Where chaos may be on, at start and by a reload, and that it is told.</summary>
public sealed class PlaceTests : IDisposable
{
    private const string Off = """{ "Pipelines": { "payments": { "Retry": { "MaxAttempts": 1 } } } }""";
    private const string On = """{ "Pipelines": { "payments": { "Retry": { "MaxAttempts": 1 }, "Chaos": { "Enabled": true, "FaultRate": 1 } } } }""";
    private const string Allowed = """{ "Pipelines": { "payments": { "Retry": { "MaxAttempts": 1 }, "Chaos": { "Enabled": true, "FaultRate": 1, "AllowInProduction": true } } } }""";
    private const string Warning = "Warning: Chaos is on, calls of pipeline 'payments' fail on purpose: faults 100 %";

    private readonly LogRecorder _log = new();

    private TestPipelines App(LiveJson json, string? environment) => new(services =>
    {
        services.AddLogging(logging => logging.AddProvider(_log));
        if (environment is not null)
        {
            services.AddSingleton<IHostEnvironment>(new TestEnvironment(environment));
        }

        services.AddResilience(json.Section);
    });

    public void Dispose() => _log.Dispose();

    [Theory]
    [InlineData("Production", "in the environment Production")]
    [InlineData("production", "in the environment Production")]
    [InlineData(null, "where no IHostEnvironment says that this is not Production")]
    public async Task Enabled_is_a_fault_of_the_settings_in_Production_and_where_the_environment_is_unknown(string? environment, string where)
    {
        await using var app = App(new LiveJson(On), environment);
        var refused = Assert.Throws<ResilienceConfigurationException>(() => app.Pipeline);
        Assert.Equal(
            [$"Resilience:Pipelines:payments:Chaos:Enabled = true: calls do not fail on purpose {where}; switch it off, or set AllowInProduction beside it to allow it"],
            refused.Failures);
    }

    [Theory]
    [InlineData("Development", On)]
    [InlineData("Staging", On)]
    [InlineData("Production", Allowed)]
    [InlineData(null, Allowed)]
    public async Task Enabled_holds_elsewhere_and_where_it_is_allowed_and_the_host_warns_of_it(string? environment, string settings)
    {
        await using var app = App(new LiveJson(settings), environment);
        await app.StartAsync();

        Assert.IsType<ApiConnectionException>((await new Dependency(Answers(1)).ThroughAsync(app.Pipeline)).Exception);
        Assert.Equal(
            ["Information: Pipeline payments: bulkhead 20 (5 s) > circuit 5/30 s > timeout 30 s > chaos (faults 100 %)", Warning],
            _log.Lines);
    }

    [Fact]
    public async Task Faults_are_told_with_all_others_also_those_that_are_inherited_or_set_in_code()
    {
        await using var app = new TestPipelines(services => services
            .AddResilience(Json.Section("""{ "Defaults": { "Chaos": { "Enabled": true } }, "Pipelines": { "a": { "Chaos": { "FaultRate": 2 } }, "b": { "Chaos": { "Enabled": false } } } }"""))
            .AddPipeline("c", o => o.Chaos = null!)
            .AddPipeline("d"));
        Assert.Equal(
            [
                "Resilience:Pipelines:a:Chaos:Enabled = true",
                "Resilience:Pipelines:a:Chaos:FaultRate = \"2\"",
                "c:Chaos = null (set in code)",
                "d:Chaos:Enabled = true",
            ],
            Assert.Throws<ResilienceConfigurationException>(() => app.Pipeline).Failures.Select(fault => fault.Split(": ")[0]).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Reload_that_turns_it_on_in_Production_is_ignored_as_a_whole_and_logged()
    {
        var json = new LiveJson(Off);
        await using var app = App(json, "Production");
        Assert.NotNull(app.Pipeline);

        json.Change(On.Replace("\"MaxAttempts\": 1", "\"MaxAttempts\": 2", StringComparison.Ordinal));

        Assert.Equal(1, (await new Dependency(Answers(1)).ThroughAsync(app.Pipeline)).Result);
        Assert.Equal((false, 1), (app.Snapshot.Options.Chaos.Enabled, app.Snapshot.Options.Retry.MaxAttempts));
        Assert.Contains("Resilience:Pipelines:payments:Chaos:Enabled = true", Assert.Single(_log.Lines, line => line.StartsWith("Error: ", StringComparison.Ordinal)), StringComparison.Ordinal);
        Assert.DoesNotContain(_log.Lines, line => line.StartsWith("Warning: Chaos", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Reload_turns_it_on_and_off_and_changes_its_rates_for_the_calls_that_begin_then()
    {
        var json = new LiveJson(Off);
        await using var app = App(json, "Development");
        var dependency = new Dependency(Answers(1));
        async Task<bool> FailsAsync() => (await dependency.ThroughAsync(app.Pipeline)).Exception is ApiConnectionException;

        Assert.False(await FailsAsync());
        json.Change(On);
        Assert.True(await FailsAsync());
        json.Change(On.Replace("\"FaultRate\": 1", "\"FaultRate\": 0", StringComparison.Ordinal));
        Assert.False(await FailsAsync());
        json.Change(On);
        Assert.True(await FailsAsync());
        json.Change(On.Replace("\"FaultRate\": 1", "\"FaultRate\": 1, \"OutcomeRate\": 0.5", StringComparison.Ordinal));
        Assert.True(await FailsAsync());
        json.Change(Off);
        Assert.False(await FailsAsync());

        Assert.Equal([Warning, Warning], _log.Lines.Where(line => line.StartsWith("Warning", StringComparison.Ordinal))); // not for a change of the rates
        Assert.Equal(5, _log.Lines.Count(line => line.StartsWith("Information: Settings changed.", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task Summary_names_what_is_injected_at_the_innermost_place()
    {
        await using var app = ChaosApp.Of(o => (o.LatencyRate, o.Latency, o.FaultRate, o.OutcomeRate) = (0.2, TimeSpan.FromMilliseconds(1500), 0.1, 0.005));
        Assert.EndsWith(" > timeout 30 s > chaos (latency 1.5 s 20 %, faults 10 %, 503 0.5 %)", app.Snapshot.ToString(), StringComparison.Ordinal);
    }
}
