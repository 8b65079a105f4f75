using System.Diagnostics;
using System.Globalization;
using Microsoft.Extensions.DependencyInjection;
using Polly;
using Polly.Registry;

namespace Resilience.Polly.Redis.Tests.EndToEnd;

/// <summary>What a call pays for shared state while all is well.</summary>
public class CallPathTests
{
    private const string Alone = "alone";
    private const string Shared = "shared";
    private const int Rounds = 20;
    private const int CallsOfRound = 20_000;

    /// <summary>The promise is 5 µs. A machine that runs other tests may interrupt one of the two more often.</summary>
    private static readonly TimeSpan Limit = TimeSpan.FromMicroseconds(100);

    [Fact]
    public async Task Call_through_a_closed_shared_circuit_and_bulkhead_runs_no_command_and_adds_microseconds()
    {
        using var server = await RedisServerProcess.StartAsync();
        await using var clients = new RedisClients(server.Address);

        // What runs in the background runs now and then, so that calls are all that could run commands in between.
        var application = await clients.OpenAsync(
            options => (options.SyncInterval, options.SlotLease) = (TimeSpan.FromMinutes(1), TimeSpan.FromMinutes(10)),
            services => services.AddResilience().AddPipeline(Alone, _ => { }).AddPipeline(Shared, options => (options.CircuitBreaker.Shared, options.Bulkhead.Shared) = (true, true)));
        var (pipelines, monitor) = (application.GetRequiredService<ResiliencePipelineProvider<string>>(), application.GetRequiredService<IResilienceMonitor>());
        var (alone, shared) = (pipelines.GetPipeline(Alone), pipelines.GetPipeline(Shared));
        await RedisClients.UntilAsync(async () =>
        {
            await CallAsync(shared);
            return monitor.GetSnapshot(Shared).Bulkhead.Shared is { IsAlone: false, ByInstance.Count: 1 };
        });
        await MeasureAsync(alone);
        await MeasureAsync(shared);
        await QuietAsync(clients);

        var (without, with) = (new List<long>(), new List<long>());
        var before = await ScriptsAsync(clients);
        Assert.True(before > 0, "The server counts the scripts that joining has run.");
        for (var round = 0; round < Rounds; round++)
        {
            without.AddRange(await MeasureAsync(alone));
            with.AddRange(await MeasureAsync(shared));
        }

        var commands = await ScriptsAsync(clients) - before;
        without.Sort();
        with.Sort();
        foreach (var share in new[] { 0.5, 0.99 })
        {
            Instances.Print(string.Create(
                CultureInfo.InvariantCulture,
                $"p{share * 100:0}: {At(without, share).TotalMicroseconds:0.00} us without, {At(with, share).TotalMicroseconds:0.00} us with shared state, of {with.Count:N0} calls each"));
        }

        Instances.Print($"{commands} scripts in all of this");
        Assert.InRange(At(with, 0.99) - At(without, 0.99), -Limit, Limit);

        // A minute may be over in the meantime: one beat, one comparison of the circuit, one renewal. Never one for each call.
        Assert.InRange(commands, 0, 10);
        Assert.False(monitor.GetSnapshot(Shared).CircuitBreaker.Shared!.IsAlone);
    }

    private static TimeSpan At(List<long> sorted, double share) => Stopwatch.GetElapsedTime(0, sorted[(int)(share * (sorted.Count - 1))]);

    private static ValueTask CallAsync(ResiliencePipeline pipeline) => pipeline.ExecuteAsync(static _ => ValueTask.CompletedTask);

    private static async Task<long[]> MeasureAsync(ResiliencePipeline pipeline)
    {
        var times = new long[CallsOfRound];
        for (var call = 0; call < times.Length; call++)
        {
            var start = Stopwatch.GetTimestamp();
            await CallAsync(pipeline);
            times[call] = Stopwatch.GetTimestamp() - start;
        }

        return times;
    }

    // What joining has set off is over when the count stands still.
    private static async Task QuietAsync(RedisClients clients)
    {
        var last = -1L;
        await RedisClients.UntilAsync(async () =>
        {
            await Task.Delay(300);
            var now = await ScriptsAsync(clients);
            (last, var isQuiet) = (now, now == last);
            return isQuiet;
        });
    }

    /// <summary>How many scripts the server has run. All commands of the stores are scripts.</summary>
    private static async Task<long> ScriptsAsync(RedisClients clients)
    {
        var stats = (await (await clients.DirectAsync()).GetServers()[0].InfoAsync("commandstats")).SelectMany(section => section);
        return stats.Where(line => line.Key is "cmdstat_eval" or "cmdstat_evalsha")
            .Sum(line => long.Parse(line.Value.Split(',')[0]["calls=".Length..], CultureInfo.InvariantCulture));
    }
}
