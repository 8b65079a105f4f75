using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace Resilience.Polly.Tests.SharedState;

public class SharedStateOptionsTests
{
    [Fact]
    public async Task Faulty_options_prevent_the_start_with_all_faults_at_once()
    {
        await using var app = Pipelines(options =>
            (options.InstanceName, options.Quorum, options.SyncInterval, options.SlotLease) = ("a\nb", 0, TimeSpan.FromSeconds(61), TimeSpan.Zero));

        var refusal = await Assert.ThrowsAsync<OptionsValidationException>(() => app.StartAsync());

        Assert.Equal(
            [
                "InstanceName = \"a\nb\": 1 to 100 printable characters are expected",
                "Quorum = 0: out of range, allowed is 1 to 1000",
                "SyncInterval = 00:01:01: out of range, allowed is 00:00:00.1000000 to 00:01:00",
                "SlotLease = 00:00:00: out of range, allowed is 00:00:01 to 00:10:00",
            ],
            refusal.Failures);
    }

    [Fact]
    public async Task Faulty_options_refuse_a_pipeline_without_a_host_too()
    {
        await using var app = Pipelines(options => options.SlotLease = TimeSpan.FromMilliseconds(999));

        Assert.Contains("SlotLease = 00:00:00.9990000", Assert.Throws<OptionsValidationException>(() => app.Pipeline).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Bounds_of_the_options_are_allowed()
    {
        await using var app = Pipelines(options =>
            (options.InstanceName, options.Quorum, options.SyncInterval, options.SlotLease) = (new('i', 100), 1000, TimeSpan.FromMinutes(1), TimeSpan.FromMinutes(10)));

        Assert.NotNull(app.Pipeline);
    }

    private static TestPipelines Pipelines(Action<SharedStateOptions> configure) =>
        new(services => services.AddResilience().AddSharedState(new(), configure).AddPipeline(TestPipelines.Name, _ => { }));
}
