using Microsoft.Extensions.DependencyInjection;
using Polly;
using Polly.Registry;

namespace Resilience.Polly.Redis.Tests.EndToEnd;

/// <summary>Slots that instances share.</summary>
public class BulkheadProcessesTests(GarnetEngine garnet, SharedRedisServer redis)
{
    private const string Pipeline = "backend";
    private const int Racers = 8;
    private const int CallersOfEach = 6;
    private const int CallsOfEach = 40;
    private const int Limit = 10;

    /// <summary>For a machine that runs other tests.</summary>
    private static readonly TimeSpan Room = TimeSpan.FromSeconds(10);

    private static readonly TimeSpan Lease = TimeSpan.FromSeconds(2);

    [Theory]
    [InlineData("garnet")]
    [InlineData("redis-server")]
    public async Task Eight_racers_are_never_over_the_limit_of_all(string engine)
    {
        await using var clients = new RedisClients(await AddressAsync(engine));
        var pipelines = new List<ResiliencePipeline>();
        for (var racer = 0; racer < Racers; racer++)
        {
            var application = await clients.OpenAsync(add: services => services.AddResilience().AddPipeline(Pipeline, options =>
            {
                options.Bulkhead.Shared = true;
                options.Bulkhead.MaxConcurrency = Limit;
                options.Bulkhead.AcquisitionTimeout = TimeSpan.FromMinutes(2);
                options.Timeout.Total = TimeSpan.FromMinutes(2);
            }));
            pipelines.Add(application.GetRequiredService<ResiliencePipelineProvider<string>>().GetPipeline(Pipeline));
        }

        var (inside, most, done) = (0, 0, 0);
        await Task.WhenAll(Enumerable.Range(0, Racers * CallersOfEach).Select(caller => Task.Run(async () =>
        {
            for (var call = 0; call < CallsOfEach; call++)
            {
                await pipelines[caller % Racers].ExecuteAsync(async token =>
                {
                    InterlockedMax.Set(ref most, Interlocked.Increment(ref inside));
                    await Task.Delay(Random.Shared.Next(4), token);
                    Interlocked.Decrement(ref inside);
                    Interlocked.Increment(ref done);
                });
            }
        })));

        Instances.Print($"{engine}: {done} calls of {Racers} racers, at most {most} of {Limit} at once");
        Assert.Equal(Racers * CallersOfEach * CallsOfEach, done);
        Assert.InRange(most, 1, Limit);
    }

    [Theory]
    [InlineData("garnet")]
    [InlineData("redis-server")]
    public async Task Long_call_keeps_its_slot_until_its_process_is_killed(string engine)
    {
        await using var all = await Instances.StartOnAsync(await AddressAsync(engine), 2, Settings("Redis:SlotLease=00:00:02"));
        all.Backend.Answer = static async call =>
        {
            await (call.By == "i0" ? Task.Delay(Timeout.Infinite, call.Aborted).ContinueWith(static _ => { }, TaskScheduler.Default) : Task.CompletedTask);
            return 200;
        };
        var lasting = Enumerable.Range(0, 4).Select(_ => all[0].CallAsync()).ToArray();
        await RedisClients.UntilAsync(() => all.Backend.Count == 4);
        var waiting = all[1].CallAsync();

        await Task.Delay(3 * Lease);
        Assert.Equal(4, all.Backend.Count);
        Assert.False(waiting.IsCompleted);

        var killed = all[0].Kill();
        await Assert.ThrowsAnyAsync<HttpRequestException>(() => Task.WhenAll(lasting));
        Assert.Equal("done", await waiting);
        var took = TimeProvider.System.GetElapsedTime(killed, all.Backend.Calls.Last().At);
        Instances.Print($"{engine}: a slot is free {Instances.Milliseconds(took)} after the kill, with a lease of {Lease.TotalSeconds} s");
        Assert.Equal(5, all.Backend.Count);
        Assert.InRange(took, TimeSpan.Zero, Lease + TimeSpan.FromSeconds(1) + Room);
    }

    [Fact]
    public async Task Server_that_is_down_leaves_each_instance_its_share()
    {
        await using var all = await Instances.StartAsync(2, Settings("Redis:CommandTimeout=00:00:01"));
        all.Server.Kill();
        await RedisClients.UntilAsync(() => all.AllAsync(state => state is { IsAvailable: false, IsAlone: true }));
        var released = new TaskCompletionSource<int>();
        all.Backend.Answer = _ => released.Task;

        var calls = all.All.SelectMany(instance => Enumerable.Range(0, 10).Select(_ => instance.CallAsync())).ToArray();
        await RedisClients.UntilAsync(() => all.Backend.Count == 4);
        await Task.Delay(500);

        Assert.Equal(["i0", "i0", "i1", "i1"], all.Backend.Calls.Select(call => call.By).Order());
        released.SetResult(200);
        Assert.Equal(["done"], (await Task.WhenAll(calls)).Distinct());
        Assert.Equal(20, all.Backend.Count);
    }

    private static string[] Settings(string more) =>
    [
        "Resilience:Pipelines:backend:Bulkhead:Shared=true", "Resilience:Pipelines:backend:Bulkhead:MaxConcurrency=4",
        "Resilience:Pipelines:backend:Bulkhead:AcquisitionTimeout=00:01:00", more,
    ];

    private async Task<string> AddressAsync(string engine) => engine == "garnet" ? garnet.Address : await redis.AddressAsync();
}
