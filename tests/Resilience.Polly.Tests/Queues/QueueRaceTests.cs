namespace Resilience.Polly.Tests.Queues;

/// <summary>"accepted = completed + failed + cancelled + handed back", with real threads, real timers and the clock of the machine.</summary>
public class QueueRaceTests(ITestOutputHelper output)
{
    private const int Items = 100_000;

    private const int ItemsOfOneLife = 4_000;

    /// <summary>Only a test that fails anyway waits that long: some item was forgotten.</summary>
    private static readonly TimeSpan Watchdog = TimeSpan.FromMinutes(1);

    [Fact]
    public async Task Queue_random_saturation_cancellation_and_shutdown_loses_none_of_100_000_items()
    {
        var ends = new List<QueueSnapshot>();
        for (var seed = 0; ends.Sum(end => end.Accepted) < Items; seed++)
        {
            var load = new QueueLoad(seed, ItemsOfOneLife);
            try
            {
                var end = await load.RunAsync().WaitAsync(Watchdog, TestContext.Current.CancellationToken);
                load.Tally.AssertIs(end);
                ends.Add(end);
                output.WriteLine($"seed {seed}: {end}");
            }
            catch (Exception)
            {
                output.WriteLine($"seed {seed} failed");
                throw;
            }
        }

        Assert.All(
            [
                ends.Sum(end => end.Completed), ends.Sum(end => end.Failed), ends.Sum(end => end.Cancelled),
                ends.Sum(end => end.HandedBack), ends.Sum(end => end.Rejected), ends.Sum(end => end.Requeued),
            ],
            count => Assert.True(count > 100, $"only {count} of one kind"));
    }
}
