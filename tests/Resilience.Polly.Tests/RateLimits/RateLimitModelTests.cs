namespace Resilience.Polly.Tests.RateLimits;

/// <summary>Random sequences of calls that come and give up, of answers that ask to wait, and of changed settings, against a model of a list.</summary>
public class RateLimitModelTests
{
    private const int Sequences = 1_500;

    [Fact]
    public async Task RateLimit_random_sequences_equals_the_model_after_every_step()
    {
        var seen = new HashSet<string>();
        for (var seed = 0; seed < Sequences; seed++)
        {
            await using var run = new RateLimitRun(seed);
            await run.RunAsync();
            seen.UnionWith(run.Seen);
        }

        Assert.Equal(["Cancelled", "Refused", "Refused by a change", "Refused in a cool-down", "Refused in line"], seen.Order());
    }

    /// <summary>To step through one sequence: put the seed of the failure here.</summary>
    [Theory]
    [InlineData(0)]
    public async Task RateLimit_one_sequence_equals_the_model_after_every_step(int seed)
    {
        await using var run = new RateLimitRun(seed);
        await run.RunAsync();
        Assert.NotEmpty(run.Seen);
    }
}
