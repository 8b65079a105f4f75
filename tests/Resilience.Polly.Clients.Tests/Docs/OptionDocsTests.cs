using System.Globalization;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Http.Resilience;
using Polly;
using Polly.CircuitBreaker;
using Polly.RateLimiting;
using Polly.Registry;
using Polly.Retry;
using Polly.Timeout;
using Resilience.Polly.Tests;

namespace Resilience.Polly.Clients.Tests;

/// <summary>What the migration pages say of options of others and of ours is so.</summary>
public class OptionDocsTests
{
    private static readonly object[] Theirs =
        [new RetryStrategyOptions(), new CircuitBreakerStrategyOptions(), new TimeoutStrategyOptions(), new RateLimiterStrategyOptions(), new HttpStandardResilienceOptions()];

    public static TheoryData<string, string, string, string, string> Rows =>
        [.. DocsTable.RowsWith("its default").Select(row => (row.Page, row.Code("option"), row["its default"], row.Code("setting"), row["default"]))];

    [Theory]
    [MemberData(nameof(Rows))]
    public void Option_and_setting_have_the_defaults_of_the_row(string page, string option, string itsDefault, string setting, string ourDefault)
    {
        var path = option.Split('.');
        var theirs = Assert.Single(Theirs, options => options.GetType().Name == path[0]);

        Assert.Equal((page, itsDefault), (page, Text(Follow(theirs, path[1..]))));
        Assert.Equal((page, ourDefault), (page, Text(Follow(new PipelineOptions(), setting.Split(':')))));
    }

    [Fact]
    public void Rows_are_found_on_both_pages() =>
        Assert.Equal(["docs/from-http-resilience.md", "docs/from-polly.md"], DocsTable.RowsWith("its default").Select(row => row.Page).Distinct());

    [Fact]
    public async Task Two_retries_of_Polly_are_three_attempts_here()
    {
        var before = new ResiliencePipelineBuilder().AddRetry(new RetryStrategyOptions { MaxRetryAttempts = 2, Delay = TimeSpan.Zero }).Build();
        await using var services = new ServiceCollection()
            .AddResilience().AddPipeline("payments", options =>
            {
                options.Retry.MaxAttempts = 3;
                options.Retry.MinWait = TimeSpan.Zero;
                options.Retry.MaxWait = TimeSpan.Zero;
            })
            .Services.BuildServiceProvider();
        var after = services.GetRequiredService<ResiliencePipelineProvider<string>>().GetPipeline("payments");

        Assert.Equal((3, 3), (await AttemptsAsync(before), await AttemptsAsync(after)));
    }

    private static async Task<int> AttemptsAsync(ResiliencePipeline pipeline)
    {
        var attempts = 0;
        await Assert.ThrowsAnyAsync<HttpRequestException>(async () => await pipeline.ExecuteAsync(_ =>
        {
            attempts++;
            throw new HttpRequestException(HttpRequestError.ConnectionError);
        }));
        return attempts;
    }

    private static object? Follow(object? from, IEnumerable<string> path) => path.Aggregate(from, (owner, name) =>
        (owner!.GetType().GetProperty(name) ?? throw new InvalidDataException($"{owner.GetType().Name} has no {name}.")).GetValue(owner));

    private static string Text(object? value) => value switch
    {
        null => "none",
        bool flag => flag ? "true" : "false",
        TimeSpan time => $"{time.TotalSeconds.ToString(CultureInfo.InvariantCulture)} s",
        _ => Convert.ToString(value, CultureInfo.InvariantCulture)!,
    };
}
