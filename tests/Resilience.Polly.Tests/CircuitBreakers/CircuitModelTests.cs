namespace Resilience.Polly.Tests.CircuitBreakers;

/// <summary>Random sequences of everything that can happen to a circuit, against a model of design section 6.</summary>
public class CircuitModelTests
{
    private const int Sequences = 10_000;

    [Fact]
    public async Task Circuit_random_sequences_equals_the_model_after_every_step()
    {
        var seen = new HashSet<string>();

        // Off the test's own synchronization context, on which nothing is inlined and everything takes several times as long.
        await Task.Run(async () =>
        {
            for (var seed = 0; seed < Sequences; seed++)
            {
                await using var run = new CircuitRun(seed);
                await run.RunAsync();
                seen.UnionWith(run.Seen);
            }
        });

        Assert.Equal(["Closed", "HalfOpen", "Isolated", "Open", "Retry", "a row", "failures", "slow calls", "the probe"], seen.Order(StringComparer.Ordinal));
    }

    /// <summary>To step through one sequence: put the seed of the failure here.</summary>
    [Theory]
    [InlineData(0)]
    public async Task Circuit_one_sequence_equals_the_model_after_every_step(int seed)
    {
        await using var run = new CircuitRun(seed);
        await Task.Run(run.RunAsync);
        Assert.NotEmpty(run.Seen);
    }
}
