namespace Resilience.Polly.Tests.Degradation;

/// <summary>Random sequences of calls and fallbacks that end, time that passes and callers that give up, against a model.</summary>
public class ScatterGatherModelTests
{
    private const int Sequences = 2_000;

    [Fact]
    public async Task ScatterGather_random_sequences_equals_the_model_after_every_step()
    {
        var seen = new HashSet<string>();
        for (var seed = 0; seed < Sequences; seed++)
        {
            using var sequence = new GatherSequence(seed);
            await sequence.RunAsync();
            seen.UnionWith(sequence.Seen);
        }

        Assert.Equal(["Answered", "Canceled", "Fallback", "Missing", "RanToCompletion"], seen.Where(state => state != "Pending").Order());
    }

    /// <summary>To step through one sequence: put the seed of the failure here.</summary>
    [Theory]
    [InlineData(0)]
    public async Task ScatterGather_one_sequence_equals_the_model_after_every_step(int seed)
    {
        using var sequence = new GatherSequence(seed);
        await sequence.RunAsync();
        Assert.NotEmpty(sequence.Seen);
    }
}
