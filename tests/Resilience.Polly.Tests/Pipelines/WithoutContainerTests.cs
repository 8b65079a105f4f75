using Microsoft.Extensions.DependencyInjection;
using Polly;

namespace Resilience.Polly.Tests;

public class WithoutContainerTests
{
    [Fact]
    public async Task Create_gives_pipelines_that_behave_as_those_of_a_container()
    {
        var time = new TestClock();
        await using var pipelines = ResiliencePipelines.Create(resilience =>
        {
            resilience.Services.AddSingleton<TimeProvider>(time);
            resilience.AddPipeline("ledger", options =>
            {
                options.Retry.MaxAttempts = 1;
                options.CircuitBreaker.FailureThreshold = 1;
            });
        });
        var ledger = pipelines.GetPipeline("ledger");

        await Assert.ThrowsAsync<ApiConnectionException>(
            async () => await ledger.ExecuteAsync(_ => throw new HttpRequestException(HttpRequestError.ConnectionError)));
        await Assert.ThrowsAsync<CircuitOpenException>(async () => await pipelines.GetPipeline<int>("ledger").ExecuteAsync(_ => ValueTask.FromResult(1)));
        time.Advance(TimeSpan.FromSeconds(30));

        Assert.Equal(1, await ledger.ExecuteAsync(_ => ValueTask.FromResult(1)));
        Assert.Equal(3, pipelines.Services.GetRequiredService<IResilienceMonitor>().GetSnapshot("ledger").Lifetime.Total);
    }

    [Fact]
    public void Create_takes_a_configuration_section()
    {
        var json = new LiveJson("""{ "Pipelines": { "ledger": {} } }""");
        using var pipelines = ResiliencePipelines.Create(resilience => resilience.Services.AddResilience(json.Section));

        Assert.True(pipelines.TryGetPipeline("ledger", out _));
        Assert.True(pipelines.TryGetPipeline<int>("ledger", out _));
        Assert.False(pipelines.TryGetPipeline("other", out _));
    }

    [Fact]
    public void GetPipeline_of_an_unknown_name_names_those_that_exist()
    {
        using var pipelines = ResiliencePipelines.Create(resilience => resilience.AddPipeline("ledger"));

        var refused = Assert.Throws<KeyNotFoundException>(() => pipelines.GetPipeline("legder"));

        Assert.Contains("Known are: ledger", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Create_with_faulty_settings_names_them_and_disposes_of_what_it_made()
    {
        var made = new Made();

        var refused = Assert.Throws<ResilienceConfigurationException>(() => ResiliencePipelines.Create(resilience =>
        {
            resilience.Services.AddSingleton<TimeProvider>(_ => made);
            resilience.AddPipeline("ledger", options => options.Retry.MaxAttempts = 0);
        }));

        Assert.Contains("Retry:MaxAttempts", refused.Message, StringComparison.Ordinal);
        Assert.True(made.IsDisposed);
    }

    [Fact]
    public void Dispose_ends_what_was_registered_and_the_pipelines()
    {
        var made = new Made();
        var pipelines = ResiliencePipelines.Create(resilience =>
        {
            resilience.Services.AddSingleton<TimeProvider>(_ => made);
            resilience.AddPipeline("ledger");
        });

        pipelines.Dispose();

        Assert.True(made.IsDisposed);
        Assert.Throws<ObjectDisposedException>(() => pipelines.GetPipeline("ledger"));
    }

    private sealed class Made : TimeProvider, IDisposable
    {
        public bool IsDisposed { get; private set; }

        public void Dispose() => IsDisposed = true;
    }
}
