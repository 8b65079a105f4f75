using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using static Resilience.Polly.TestKit.Dependency;

namespace Resilience.Polly.Tests.Health;

/// <summary>The health check, asked as the health endpoint asks it.</summary>
public class HealthTests
{
    [Fact]
    public async Task Application_is_healthy_while_every_circuit_is_closed()
    {
        await using var app = App(checks => checks.AddResilience());
        await new Dependency(Answers(1)).ThroughAsync(app.Provider.GetPipeline("payments"));

        var entry = await CheckAsync(app);

        Assert.Equal((HealthStatus.Healthy, "All circuits are closed."), (entry.Status, entry.Description));
        Assert.Equal("payments (critical): circuit Closed, 0 of 20 slots in use", Assert.Single(entry.Data).Value);
    }

    [Theory]
    [InlineData("search", HealthStatus.Degraded)]
    [InlineData("payments", HealthStatus.Unhealthy)]
    public async Task Open_circuit_degrades_and_of_a_critical_pipeline_makes_unhealthy(string opened, HealthStatus status)
    {
        await using var app = App(checks => checks.AddResilience());
        await new Dependency(Answers(1)).ThroughAsync(app.Provider.GetPipeline("search"));
        await new Dependency(Answers(1)).ThroughAsync(app.Provider.GetPipeline("payments"));
        await new Dependency(Fails()).ThroughAsync(app.Provider.GetPipeline(opened));

        var entry = await CheckAsync(app);

        Assert.Equal(status, entry.Status);
        Assert.StartsWith($"{opened}", entry.Description, StringComparison.Ordinal);
        Assert.Contains("circuit Open, next probe in 30 s, 0 of 20 slots in use", entry.Description, StringComparison.Ordinal);
        Assert.Equal(["payments", "search"], entry.Data.Keys.Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Half_open_circuit_is_not_well_yet_and_a_closed_one_is()
    {
        await using var app = App(checks => checks.AddResilience());
        await new Dependency(Fails()).ThroughAsync(app.Provider.GetPipeline("payments"));
        app.Clock.Advance(TimeSpan.FromSeconds(30));
        Assert.Equal(HealthStatus.Unhealthy, (await CheckAsync(app)).Status);

        await new Dependency(Answers(1)).ThroughAsync(app.Provider.GetPipeline("payments"));

        Assert.Equal(HealthStatus.Healthy, (await CheckAsync(app)).Status);
    }

    [Fact]
    public async Task FailureStatus_of_the_registration_is_the_worst_there_is()
    {
        await using var app = App(checks => checks.AddResilience(failureStatus: HealthStatus.Degraded));

        await new Dependency(Fails()).ThroughAsync(app.Provider.GetPipeline("payments"));

        Assert.Equal(HealthStatus.Degraded, (await CheckAsync(app)).Status);
    }

    [Fact]
    public async Task Pipeline_that_nobody_used_is_not_made_for_the_check()
    {
        await using var app = App(checks => checks.AddResilience());

        Assert.Empty((await CheckAsync(app)).Data);
    }

    private static TestPipelines App(Action<IHealthChecksBuilder> check) => new(services =>
    {
        services.AddLogging();
        services.AddResilience()
            .AddPipeline("payments", o => (o.Importance, o.CircuitBreaker.FailureThreshold, o.Retry.MaxAttempts) = (PipelineImportance.Critical, 1, 1))
            .AddPipeline("search", o => (o.CircuitBreaker.FailureThreshold, o.Retry.MaxAttempts) = (1, 1));
        check(services.AddHealthChecks());
    });

    private static async Task<HealthReportEntry> CheckAsync(TestPipelines app) =>
        (await app.Services.GetRequiredService<HealthCheckService>().CheckHealthAsync()).Entries["resilience"];
}
