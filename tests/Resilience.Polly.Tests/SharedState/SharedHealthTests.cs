using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Resilience.Polly.Tests.SharedState;

public class SharedHealthTests
{
    [Fact]
    public async Task Health_check_tells_a_circuit_of_this_instance_from_one_of_all()
    {
        await using var app = new SharedApp(2, options => (options.Retry.MaxAttempts, options.CircuitBreaker.Shared, options.Bulkhead.Shared) = (1, true, true), health: true);
        await app.StartAsync();
        Assert.Equal("payments: circuit Closed, 0 of 19 slots in use of this instance, which shares 20", await DescriptionAsync(app, slots: 19));

        await app.FailAsync(0, 5);
        Assert.StartsWith("payments: circuit Open (this instance only), next probe in 30 s, ", await DescriptionAsync(app), StringComparison.Ordinal);

        await SharedApp.UntilAsync(() => app.Circuit(0).Shared!.Votes.Count == 1);
        await app.FailAsync(1, 5);
        await SharedApp.UntilAsync(() => app.Circuit(0).Shared!.Epoch == 1);
        Assert.StartsWith("payments: circuit Open (all instances, by i1), next probe in 30 s, ", await DescriptionAsync(app), StringComparison.Ordinal);

        app.State.IsAvailable = false;
        Assert.StartsWith(
            "payments: circuit Open (this instance alone, the shared state does not answer), next probe in 30 s, ", await DescriptionAsync(app), StringComparison.Ordinal);
    }

    private static async Task<string> DescriptionAsync(SharedApp app, int? slots = null)
    {
        if (slots is { } limit)
        {
            await SharedApp.UntilAsync(() => app.Slots(0).Limit == limit || app.IsLater());
        }

        var report = await app[0].Services.GetRequiredService<HealthCheckService>().CheckHealthAsync();
        return (string)report.Entries.Single().Value.Data["payments"];
    }
}
