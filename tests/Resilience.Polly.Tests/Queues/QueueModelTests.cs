namespace Resilience.Polly.Tests.Queues;

/// <summary>Random sequences of items that come, end in every way, go back and are cancelled while time passes, against a model of lists.</summary>
public class QueueModelTests
{
    private const int Sequences = 500;

    [Fact]
    public async Task Queue_random_sequences_equals_the_model_after_every_step()
    {
        var seen = new HashSet<string>();
        for (var seed = 0; seed < Sequences; seed++)
        {
            var run = new QueueRun(seed);
            await run.RunAsync();
            seen.UnionWith(run.Seen);
        }

        Assert.Equal(
            ["InvalidOperationException", "OperationCanceledException", "QueueFullException", "QueueShutdownException", "completed"],
            seen.Order(StringComparer.Ordinal));
    }

    /// <summary>To step through one sequence: put the seed of the failure here.</summary>
    [Theory]
    [InlineData(0)]
    public async Task Queue_one_sequence_equals_the_model_after_every_step(int seed)
    {
        var run = new QueueRun(seed);
        await run.RunAsync();
        Assert.NotEmpty(run.Seen);
    }
}
