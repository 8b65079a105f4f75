namespace Cluster;

/// <summary>Kills processes at random times, and starts them again a little later.</summary>
internal sealed class Kills(Processes processes, Random random)
{
    // How many may be down at the same time: both payment services, or Redis and a shop.
    private const int MaxDown = 2;

    private readonly List<string> _killed = [];

    /// <summary>The names of the killed processes, in order.</summary>
    public IReadOnlyList<string> Killed
    {
        get
        {
            lock (_killed)
            {
                return [.. _killed];
            }
        }
    }

    /// <summary>Goes on until it is stopped. In the end every process runs again, or is done.</summary>
    public async Task RunAsync(CancellationToken stop)
    {
        var starts = new List<Task>();
        try
        {
            while (true)
            {
                await Task.Delay(random.Next(1_000, 4_000), stop);

                // Not while others still start: on a slow machine nothing would ever run.
                Child[] victims = [.. processes.All.Where(child => child.IsReady)];
                if (processes.All.Count(child => !child.IsReady && !child.IsDone) < MaxDown)
                {
                    var victim = victims[random.Next(victims.Length)];
                    victim.Kill();
                    lock (_killed)
                    {
                        _killed.Add(victim.Name);
                    }

                    starts.Add(StartLaterAsync(victim, random.Next(0, 1_500)));
                }
            }
        }
        catch (OperationCanceledException)
        {
            await Task.WhenAll(starts);
        }
    }

    private static async Task StartLaterAsync(Child victim, int pause)
    {
        await Task.Delay(pause);
        await victim.StartAsync();
    }
}
