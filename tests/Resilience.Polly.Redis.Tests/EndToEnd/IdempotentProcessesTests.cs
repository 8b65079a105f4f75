using System.Globalization;

namespace Resilience.Polly.Redis.Tests.EndToEnd;

/// <summary>Idempotent endpoints in several processes.</summary>
public class IdempotentProcessesTests(GarnetEngine garnet, SharedRedisServer redis)
{
    private const double LeaseSeconds = 2;

    /// <summary>For a machine that runs other tests.</summary>
    private static readonly TimeSpan Room = TimeSpan.FromSeconds(10);

    private static readonly TimeSpan Lease = TimeSpan.FromSeconds(LeaseSeconds);

    private static readonly string[] ShortLease = ["Idempotency:Lease=00:00:02", "Idempotency:RenewInterval=00:00:00.3"];

    [Theory]
    [InlineData("garnet")]
    [InlineData("redis-server")]
    public async Task Fifty_requests_with_one_key_on_two_processes_execute_it_once(string engine)
    {
        await using var all = await Instances.StartOnAsync(
            await AddressAsync(engine), 2, "Idempotency:WaitForRunning=00:01:00", "Idempotency:OnStoreUnavailable=Reject");
        for (var round = 1; round <= 20; round++)
        {
            var key = Guid.NewGuid().ToString();
            var order = string.Create(CultureInfo.InvariantCulture, $"{{\"round\":{round}}}");

            var answers = await Task.WhenAll(Enumerable.Range(0, 50).Select(number => all[number % 2].OrderAsync(key, order)));

            Assert.Equal(round, all.Backend.Count);
            var first = Assert.Single(answers, answer => !answer.IsReplay);
            Assert.Equal((201, $"/orders/{round}"), (first.Status, first.Location));
            Assert.All(answers, answer => Assert.Equal(first.Same, answer.Same));
            foreach (var instance in all.All)
            {
                var replay = await instance.OrderAsync(key, order);
                Assert.True(replay.IsReplay);
                Assert.Equal(first.Same, replay.Same);
            }
        }

        Assert.Equal(20, all.Backend.Count);
    }

    [Theory]
    [InlineData("garnet")]
    [InlineData("redis-server")]
    public async Task Killed_owner_is_replaced_after_its_lease_and_a_slow_one_never(string engine)
    {
        await using var all = await Instances.StartOnAsync(await AddressAsync(engine), 2, [.. ShortLease, "Idempotency:OnAbandoned=ReExecute", "Idempotency:OnStoreUnavailable=Reject"]);
        var (key, killed) = await KilledOwnerAsync(all);

        // The next one takes over, while its caller only asks again.
        OrderAnswer answer = null!;
        await Instances.UntilAsync(killed, async () => (answer = await all[1].OrderAsync(key)).Code != "idempotency-request-running");

        Assert.Equal((201, false), (answer.Status, answer.IsReplay));
        Assert.Equal(["i0", "i1"], all.Backend.Calls.Select(call => call.By));
        var took = TimeProvider.System.GetElapsedTime(killed, all.Backend.Calls.Last().At);
        Instances.Print($"{engine}: taken over {Instances.Milliseconds(took)} after the kill, with a lease of {LeaseSeconds} s");
        Assert.InRange(took, TimeSpan.Zero, Lease + TimeSpan.FromSeconds(1) + Room);
        Assert.Equal(answer.Same, (await all[1].OrderAsync(key)).Same);
        Assert.Equal(2, all.Backend.Count);
    }

    [Theory]
    [InlineData("garnet")]
    [InlineData("redis-server")]
    public async Task Killed_owner_leaves_an_unknown_outcome_that_is_never_executed_again(string engine)
    {
        await using var all = await Instances.StartOnAsync(await AddressAsync(engine), 2, [.. ShortLease, "Idempotency:OnAbandoned=RejectUnknown", "Idempotency:OnStoreUnavailable=Reject"]);
        var (key, killed) = await KilledOwnerAsync(all);

        OrderAnswer answer = null!;
        var took = await Instances.UntilAsync(killed, async () => (answer = await all[1].OrderAsync(key)).Code != "idempotency-request-running");

        Instances.Print($"{engine}: unknown {Instances.Milliseconds(took)} after the kill, with a lease of {LeaseSeconds} s");
        Assert.InRange(took, TimeSpan.Zero, Lease + TimeSpan.FromSeconds(1) + Room);
        for (var repetition = 0; repetition < 20; repetition++)
        {
            Assert.Equal((409, "idempotency-outcome-unknown", false), (answer.Status, answer.Code, answer.HasRetryAfter));
            answer = await all[1].OrderAsync(key);
        }

        Assert.Equal(1, all.Backend.Count);
    }

    [Fact]
    public async Task Frozen_server_costs_a_request_little_where_it_degrades()
    {
        await using var all = await Instances.StartAsync(1, "Idempotency:OnStoreUnavailable=DegradeLocal", "Redis:CommandTimeout=00:00:00.05");
        var before = await OrdersAsync(all[0], 50);
        var (first, later) = (new List<TimeSpan>(), new List<TimeSpan>());
        for (var outage = 0; outage < 5; outage++)
        {
            all.Server.Freeze();
            first.AddRange(await OrdersAsync(all[0], 1));
            later.AddRange(await OrdersAsync(all[0], 20));
            all.Server.Thaw();
            await RedisClients.UntilAsync(() => all.AllAsync(state => state.IsAvailable));
        }

        Instances.Print($"with Redis: {Spread(before)}; frozen: the first requests {Spread(first)}, the next ones {Spread(later)}");
        Assert.Equal(50 + (5 * 21), all.Backend.Count);

        // The promise is 50 ms more. A machine that runs other tests gets another half of a second.
        Assert.InRange(Median(first) - Median(before), TimeSpan.FromSeconds(-10), TimeSpan.FromMilliseconds(550));
        Assert.InRange(Median(later) - Median(before), TimeSpan.FromSeconds(-10), TimeSpan.FromMilliseconds(550));
    }

    [Fact]
    public async Task Frozen_server_rejects_a_request_with_503_where_the_endpoint_wants_so()
    {
        await using var all = await Instances.StartAsync(1, "Idempotency:OnStoreUnavailable=Reject", "Redis:CommandTimeout=00:00:01");
        all.Server.Freeze();
        for (var request = 0; request < 10; request++)
        {
            var answer = await all[0].OrderAsync(Guid.NewGuid().ToString());
            Assert.Equal((503, "idempotency-store-unavailable", true), (answer.Status, answer.Code, answer.HasRetryAfter));
        }

        Assert.Equal(0, all.Backend.Count);
        all.Server.Thaw();
        await RedisClients.UntilAsync(async () => (await all[0].OrderAsync(Guid.NewGuid().ToString())).Status == 201);
    }

    [Fact]
    public async Task Result_of_a_call_during_which_the_server_froze_is_known_to_the_other_process_afterwards()
    {
        await using var all = await Instances.StartAsync(2, "Redis:CommandTimeout=00:00:01");
        var key = Guid.NewGuid().ToString();
        var released = new TaskCompletionSource<int>();
        all.Backend.Answer = _ => released.Task;
        var running = all[0].OrderAsync(key);
        await RedisClients.UntilAsync(() => all.Backend.Count == 1);
        all.Server.Freeze();
        released.SetResult(200);
        var first = await running;
        Assert.Equal(201, first.Status);

        all.Server.Thaw();
        OrderAnswer other = null!;
        await RedisClients.UntilAsync(async () => (await all[1].StateAsync()).IsAvailable);
        await RedisClients.UntilAsync(async () => (other = await all[1].OrderAsync(key)).Code != "idempotency-request-running");

        Assert.True(other.IsReplay);
        Assert.Equal(first.Same, other.Same);
        Assert.Equal(1, all.Backend.Count);
    }

    private static TimeSpan Median(IReadOnlyCollection<TimeSpan> times) => times.Order().ElementAt(times.Count / 2);

    private static string Spread(IReadOnlyCollection<TimeSpan> times) => $"median {Instances.Milliseconds(Median(times))}, most {Instances.Milliseconds(times.Max())}";

    private static async Task<List<TimeSpan>> OrdersAsync(Instance instance, int count)
    {
        var times = new List<TimeSpan>();
        for (var number = 0; number < count; number++)
        {
            var answer = await instance.OrderAsync(Guid.NewGuid().ToString());
            Assert.Equal(201, answer.Status);
            times.Add(answer.Took);
        }

        return times;
    }

    /// <summary>The first process executes a call for longer than three leases, while the other asks. Then it is killed in the middle of it.</summary>
    private static async Task<(string Key, long Killed)> KilledOwnerAsync(Instances all)
    {
        all.Backend.Answer = async call =>
        {
            await (call.By == "i0" ? Task.Delay(Timeout.Infinite, call.Aborted).ContinueWith(static _ => { }, TaskScheduler.Default) : Task.CompletedTask);
            return 200;
        };
        var key = Guid.NewGuid().ToString();
        var running = all[0].OrderAsync(key);
        var start = TimeProvider.System.GetTimestamp();
        await RedisClients.UntilAsync(() => all.Backend.Count == 1);
        while (TimeProvider.System.GetElapsedTime(start) < 3.5 * Lease)
        {
            var answer = await all[1].OrderAsync(key);
            Assert.Equal((409, "idempotency-request-running", true), (answer.Status, answer.Code, answer.HasRetryAfter));
            await Task.Delay(50);
        }

        var killed = all[0].Kill();
        await Assert.ThrowsAnyAsync<HttpRequestException>(() => running);
        Assert.Equal(1, all.Backend.Count);
        return (key, killed);
    }

    private async Task<string> AddressAsync(string engine) => engine == "garnet" ? garnet.Address : await redis.AddressAsync();
}
