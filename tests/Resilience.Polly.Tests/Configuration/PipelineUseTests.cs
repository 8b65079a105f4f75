using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Resilience.Polly.Tests.Configuration;

/// <summary>A pipeline that a client is known to use must be there.</summary>
public class PipelineUseTests
{
    [Fact]
    public async Task Pipeline_of_a_client_may_be_written_in_any_case()
    {
        await using var app = TestPipelines.FromJson("""{ "Pipelines": { "payments": {} } }""", builder => builder.Services.AddSingleton(new PipelineUse("PAYMENTS", "shop")));

        Assert.NotNull(app.Pipeline);
    }

    [Fact]
    public async Task Reload_that_takes_away_the_pipeline_of_a_client_is_refused_as_a_whole()
    {
        var log = new LogRecorder();
        var json = new LiveJson("""{ "Pipelines": { "payments": {}, "search": {} } }""");
        await using var app = new TestPipelines(services => services
            .AddLogging(logging => logging.AddProvider(log))
            .AddSingleton(new PipelineUse("payments", "shop"))
            .AddResilience(json.Section));
        Assert.NotNull(app.Monitor);

        json.Change("""{ "Pipelines": { "search": { "Retry": { "MaxAttempts": 9 } } } }""");

        Assert.Equal(3, app.Monitor.GetSnapshot("search").Options.Retry.MaxAttempts);
        Assert.NotNull(app.Pipeline);
        Assert.Contains("the pipeline of client shop = \"payments\": there is no pipeline of this name, known are search", Assert.Single(log.Lines), StringComparison.Ordinal);
    }
}
