using System.Diagnostics;

namespace Cluster;

/// <summary>A round: all processes, their kills, and what the books say in the end.</summary>
internal sealed class Round(Arguments arguments, int seed, string folder)
{
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan BetweenLines = TimeSpan.FromSeconds(5);

    // After the last kill. A claim of a killed process ends after 3 s, and a busy machine needs its time.
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan LongestRound = TimeSpan.FromHours(1);

    private readonly long _startedAt = Stopwatch.GetTimestamp();

    /// <returns>What must not be and is, one line for each kind.</returns>
    /// <exception cref="OperationCanceledException">The round was interrupted. There is no verdict.</exception>
    public async Task<IReadOnlyList<string>> RunAsync(CancellationToken interrupt)
    {
        string[] crashes;
        TimeSpan took;
        Kills kills;
        using (var processes = new Processes(arguments, folder))
        {
            Console.WriteLine($"Redis: {processes.Redis.Name}");
            await processes.StartAsync(interrupt);
            Console.WriteLine($"dashboards: {string.Join("  ", processes.ShopAddresses.Select(address => $"{address}/resilience"))}");
            Console.WriteLine();

            kills = new Kills(processes, new(seed));
            using var stop = new CancellationTokenSource();
            var killing = kills.RunAsync(stop.Token);
            try
            {
                await WatchAsync(processes, kills, arguments.Orders is null ? TimeSpan.FromSeconds(arguments.Seconds) : LongestRound, interrupt);
                await File.WriteAllTextAsync(Path.Combine(folder, ClientRole.StopFile), "", interrupt);
            }
            finally
            {
                await stop.CancelAsync();
                await killing;
            }

            await WatchAsync(processes, kills, Grace, interrupt);
            took = Elapsed;
            crashes = [.. processes.Services.Concat(processes.Clients).Select(child => child.Crash).OfType<string>()];
        }

        // Nobody writes any more.
        using var ledger = new Ledger(folder);
        using var orders = new OrderBook(folder);
        var audit = new Audit([.. Journal.ReadAll(folder)], ledger.ReadAll(), orders.ReadAll());
        ClosingTable.Write(audit, kills.Killed, took);
        return [.. audit.Broken(), .. crashes];
    }

    private TimeSpan Elapsed => Stopwatch.GetElapsedTime(_startedAt);

    /// <summary>Prints how it goes, until the clients are done or the time is over.</summary>
    private async Task WatchAsync(Processes processes, Kills kills, TimeSpan time, CancellationToken interrupt)
    {
        var (until, line, told) = (Elapsed + time, Elapsed + BetweenLines, kills.Killed.Count);
        while (!processes.Clients.All(client => client.IsDone) && Elapsed < until)
        {
            await Task.Delay(Look, interrupt);
            if (Elapsed >= line)
            {
                var killed = kills.Killed;
                var endings = Journal.ReadAll(folder).CountBy(purchase => purchase.Ending).ToDictionary();
                Console.WriteLine(
                    $"{Elapsed.TotalSeconds,6:0} s  {endings.GetValueOrDefault(Ending.Confirmed),6} confirmed  {endings.GetValueOrDefault(Ending.Unknown),4} unknown"
                    + (killed.Count == told ? "" : $"   kill -9 {string.Join(' ', killed.Skip(told))}"));
                (line, told) = (Elapsed + BetweenLines, killed.Count);
            }
        }
    }
}
