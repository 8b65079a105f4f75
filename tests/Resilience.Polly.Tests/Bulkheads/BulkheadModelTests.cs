namespace Resilience.Polly.Tests.Bulkheads;

/// <summary>Random sequences of calls that come, leave, give up and run out of time while the limit changes, against a model of two lists.</summary>
public class BulkheadModelTests
{
    private const int Sequences = 2_000;

    [Fact]
    public async Task Bulkhead_random_sequences_equals_the_model_after_every_step()
    {
        var seen = new HashSet<string>();
        for (var seed = 0; seed < Sequences; seed++)
        {
            await using var run = new BulkheadRun(seed);
            await run.RunAsync();
            seen.UnionWith(run.Seen);
        }

        Assert.Equal(["Cancelled", "Rejected", "Timed out"], seen.Order());
    }

    /// <summary>To step through one sequence: put the seed of the failure here.</summary>
    [Theory]
    [InlineData(0)]
    public async Task Bulkhead_one_sequence_equals_the_model_after_every_step(int seed)
    {
        await using var run = new BulkheadRun(seed);
        await run.RunAsync();
        Assert.NotEmpty(run.Seen);
    }
}
