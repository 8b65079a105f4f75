namespace Resilience.Polly.Http.Tests.Parity;

/// <summary>
/// A client with a pipeline loses nothing that a plain HttpClient gives: the same random requests go through both, and all that
/// the caller or the server can see is compared. The page on HTTP lists what differs on purpose.
/// </summary>
[Collection(nameof(RealTime))] // it listens to the spans of the whole process
public class ParityTests
{
    private const int Runs = 40;

    private const int Shown = 10;

    [Fact]
    public async Task Requests_of_random_kinds_look_the_same_with_and_without_a_pipeline()
    {
        var (seen, differences) = (new HashSet<string>(), new List<string>());
        for (var seed = 0; seed < Runs; seed++)
        {
            await using var run = new ParityRun(seed);
            await run.RunAsync();
            seen.UnionWith(run.Seen);
            differences.AddRange(run.Differences);
        }

        Assert.True(differences.Count == 0, $"{differences.Count} requests look different, the first of them:\n{string.Join("\n\n", differences.Take(Shown))}");
        Assert.Superset(new HashSet<string> { "200", "204", "206", "302", "303", "304", "307", "308", "401", "503" }, seen);
    }

    /// <summary>To step through one run: put the seed of the failure here.</summary>
    [Theory]
    [InlineData(0)]
    public async Task Requests_of_one_seed_look_the_same_with_and_without_a_pipeline(int seed)
    {
        await using var run = new ParityRun(seed);
        await run.RunAsync();
        Assert.Empty(run.Differences);
        Assert.NotEmpty(run.Seen);
    }
}
