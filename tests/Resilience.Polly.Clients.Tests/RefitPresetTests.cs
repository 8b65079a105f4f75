using Microsoft.Extensions.DependencyInjection;
using Refit;

namespace Resilience.Polly.Clients.Tests;

/// <summary>Refit brings a primary handler of its own, an <see cref="HttpClientHandler"/>. A preset sets the connect and pool limits, which have to be kept there too.</summary>
public class RefitPresetTests
{
    [Fact]
    public async Task Client_that_Refit_registers_takes_a_preset()
    {
        var sdk = new RefitSdk(registersItself: true);
        var wiring = new Wiring("preset", true, true, (builder, _) => Wiring.AddPipeline(builder, options => options.Timeout = TimeoutPresets.LowLatency));

        var run = await SdkRun.OfAsync(sdk, "get", Fault.Of("none"), wiring);

        Assert.True(run.Succeeded, $"{run}");
    }

    [Fact]
    public async Task Connect_limit_holds_below_a_client_that_Refit_registers()
    {
        using var server = new DeafServer();
        var services = new ServiceCollection();
        services.AddLogging();
        var builder = new RefitSdk(registersItself: true).Register(services, server.Address, retries: true);
        Wiring.AddPipeline(builder, options =>
        {
            options.Timeout.Connect = TimeSpan.FromMilliseconds(300);
            options.Retry.MaxAttempts = 1;
        });
        await using var provider = services.BuildServiceProvider();

        var failure = await Assert.ThrowsAsync<ApiRequestException>(() => provider.GetRequiredService<IItems>().GetAsync());

        Assert.Equal(TimeoutPhase.Connect, Assert.IsType<ApiTimeoutException>(failure.InnerException).Phase);
    }
}
