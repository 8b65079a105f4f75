using Microsoft.Extensions.Logging;

namespace Resilience.Polly.Tests.Guide;

/// <summary>The guide's "Retry Pattern Best Practices": limits, jitter, and a look at the retry rate.</summary>
public class RetryWatchTests
{
    [Fact]
    public async Task Limits_of_the_guide_earn_no_advice()
    {
        var (userFacing, behind) = (new PipelineOptions(), new PipelineOptions());
        Configure(userFacing, behind);
        Assert.Equal((3, 10), (userFacing.Retry.MaxAttempts, behind.Retry.MaxAttempts));

        Assert.Empty(await GuideAdvice.OfAsync(options => Configure(options, new())));
        Assert.Empty(await GuideAdvice.OfAsync(options => Configure(new(), options)));

        void Configure(PipelineOptions page, PipelineOptions job)
        {
            page.Retry.MaxAttempts = 3;
            job.Retry.MaxAttempts = 10;
            job.Importance = PipelineImportance.Background; // nobody waits for it
            page.Retry.Jitter = job.Retry.Jitter = true;    // the default
        }
    }

    [Theory]
    [InlineData(1, 0)]
    [InlineData(2, 1)]
    public async Task Retry_rate_above_10_percent_is_a_warning(int retriedCalls, int warnings)
    {
        using var log = new LogRecorder();
        await using var app = TestPipelines.Of(o => o.Retry.MinWait = TimeSpan.Zero);
        var (monitor, logger) = (app.Monitor, log);
        for (var call = 0; call < 10; call++)
        {
            await new Dependency(call < retriedCalls ? Dependency.Fails() : Dependency.Answers(1), Dependency.Answers(1)).ThroughAsync(app.Pipeline);
        }

        double retryRate = monitor.GetSnapshot("payments").Calls.RetryRate; // of the last minute
        if (retryRate > 0.10)
        {
            logger.LogWarning("High retry rate detected - investigate service health");
        }

        Assert.Equal(retriedCalls / 10.0, retryRate);
        Assert.Equal(warnings, log.Lines.Count);
    }
}
