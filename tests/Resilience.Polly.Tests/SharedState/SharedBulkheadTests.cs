namespace Resilience.Polly.Tests.SharedState;

public class SharedBulkheadTests
{
    [Fact]
    public async Task Instances_together_have_the_slots_of_one()
    {
        await using var app = await StartAsync(3, slots: 10);
        await using var held = new HeldCalls(app);
        for (var i = 0; i < 30; i++)
        {
            held.Begin(i % 3);
        }

        await SharedApp.UntilAsync(() => held.Inside == 10 && held.Rejected == 20);
        Assert.Equal(10, app.Slots(0).Shared!.MaxConcurrency);
        await SharedApp.UntilAsync(() => Renewed(app) && app.Slots(0).Shared!.ByInstance.Values.Sum() == 10);
    }

    [Fact]
    public async Task Slots_that_one_instance_leaves_are_for_a_call_in_line_at_another()
    {
        await using var app = await StartAsync(2, slots: 4, wait: TimeSpan.FromSeconds(30));
        await using var held = new HeldCalls(app);
        for (var i = 0; i < 4; i++)
        {
            held.Begin(0);
        }

        await SharedApp.UntilAsync(() => held.Inside == 4 || app.IsLater());
        held.Begin(1);
        await SharedApp.UntilAsync(() => app.Slots(1).Waiting == 1);
        held.EndOne();

        await SharedApp.UntilAsync(() => held.InsideOf(1) == 1 || app.IsLater());
        Assert.Equal((4, 0), (held.Inside, held.Rejected));
    }

    [Fact]
    public async Task Idle_slots_of_one_instance_are_for_another_that_needs_them()
    {
        await using var app = await StartAsync(2, slots: 6, wait: TimeSpan.FromSeconds(30));
        await using var held = new HeldCalls(app);
        for (var i = 0; i < 4; i++)
        {
            held.Begin(0);
        }

        await SharedApp.UntilAsync(() => held.Inside == 4 || app.IsLater());
        for (var i = 0; i < 4; i++)
        {
            held.EndOne();
        }

        await SharedApp.UntilAsync(() => held.Inside == 0);
        for (var i = 0; i < 6; i++)
        {
            held.Begin(1);
        }

        await SharedApp.UntilAsync(() => held.InsideOf(1) == 6 || app.IsLater());
    }

    [Fact]
    public async Task Slots_of_an_instance_that_is_gone_are_free_after_its_lease()
    {
        await using var app = await StartAsync(2, slots: 4, wait: TimeSpan.FromMinutes(1), before: state =>
            state.HoldAsync("PAYMENTS", new() { Instance = "killed", Sequence = 1, Wanted = 4, Needed = 4, Limit = 4, Lease = TimeSpan.FromSeconds(10) }));
        await using var held = new HeldCalls(app);
        held.Begin(0);
        await SharedApp.UntilAsync(() => app.Slots(0).Waiting == 1);

        for (var i = 0; i < 11; i++)
        {
            app.Clock.Advance(TimeSpan.FromSeconds(1)); // the lease and a second
        }

        await SharedApp.UntilAsync(() => held.Inside == 1 || app.IsLater());
    }

    [Fact]
    public async Task Call_that_takes_longer_than_the_lease_keeps_its_slot()
    {
        await using var app = await StartAsync(2, slots: 1);
        await using var held = new HeldCalls(app);
        var tries = 0;
        while (held.Inside == 0) // until the other instance has given back the slot that it held for later
        {
            held.Begin(0);
            tries++;
            await SharedApp.UntilAsync(() => held.Inside + held.Rejected == tries);
            app.IsLater();
        }

        var rejected = held.Rejected;
        for (var third = 0; third < 9; third++)
        {
            var renewals = app.Holds("i0");
            app.Clock.Advance(TimeSpan.FromSeconds(10) / 3); // of the lease
            await SharedApp.UntilAsync(() => app.Holds("i0") > renewals);
            held.Begin(1);
            await SharedApp.UntilAsync(() => held.Rejected == rejected + third + 1);
        }

        Assert.Equal(1, held.Inside);
    }

    [Fact]
    public async Task Store_that_is_down_leaves_each_instance_its_part()
    {
        await using var app = await StartAsync(3, slots: 10);
        app.State.IsAvailable = false;
        await using var held = new HeldCalls(app);
        for (var i = 0; i < 30; i++)
        {
            held.Begin(i % 3);
        }

        await SharedApp.UntilAsync(() => held.Inside == 9 && held.Rejected == 21);
        Assert.Equal((3, true), (app.Slots(0).Limit, app.Slots(0).Shared!.IsAlone));
    }

    [Fact]
    public async Task Store_that_is_down_leaves_each_instance_at_least_one_slot()
    {
        await using var app = await StartAsync(3, slots: 2);
        app.State.IsAvailable = false;
        await using var held = new HeldCalls(app);
        held.Begin(0);
        held.Begin(1);
        held.Begin(2);

        await SharedApp.UntilAsync(() => held.Inside == 3);
    }

    [Fact]
    public async Task Store_that_comes_back_gives_all_slots_again()
    {
        await using var app = await StartAsync(3, slots: 9, wait: TimeSpan.FromHours(1));
        app.State.IsAvailable = false;
        await using var held = new HeldCalls(app);
        held.Begin(0);
        await SharedApp.UntilAsync(() => app.Slots(0).Shared!.IsAlone || !Renewed(app));
        app.State.IsAvailable = true;
        await SharedApp.UntilAsync(() => Enumerable.Range(0, 3).All(i => app.Slots(i).Shared is { IsAlone: false, ByInstance.Count: > 0 }));
        for (var i = 0; i < 8; i++)
        {
            held.Begin(0);
        }

        await SharedApp.UntilAsync(() => held.Inside == 9 || app.IsLater()); // the others give back what they hold for later
    }

    [Fact]
    public async Task Lower_limit_holds_for_all_instances_as_calls_leave()
    {
        var live = new LiveJson(Json(10));
        await using var app = new SharedApp(2, live);
        await app.StartAsync();
        await using var held = new HeldCalls(app);
        for (var i = 0; i < 10; i++)
        {
            held.Begin(i % 2);
        }

        await SharedApp.UntilAsync(() => held.Inside == 10 || app.IsLater());
        live.Change(Json(4));
        for (var i = 0; i < 10; i++)
        {
            held.EndOne();
        }

        await SharedApp.UntilAsync(() => held.Inside == 0);
        for (var i = 0; i < 40; i++)
        {
            held.Begin(i % 2);
            app.IsLater();
        }

        await SharedApp.UntilAsync(() => held.Inside == 4 || app.IsLater());
        await SharedApp.UntilAsync(() => held.Inside == 4 && Renewed(app) && app.Slots(0).Shared!.ByInstance.Values.Sum() == 4);

        static string Json(int slots) =>
            $$"""{ "Pipelines": { "payments": { "Timeout": { "Read": "01:00:00" }, "Bulkhead": { "Shared": true, "MaxConcurrency": {{slots}}, "AcquisitionTimeout": "01:00:00" } } } }""";
    }

    [Fact]
    public async Task Sharing_ends_and_begins_with_the_settings_and_loses_no_slot()
    {
        var live = new LiveJson(Json("true"));
        await using var app = new SharedApp(2, live);
        await app.StartAsync();
        for (var round = 0; round < 20; round++)
        {
            live.Change(Json("false"));
            await Task.Delay(5); // what the last rounds with the store still do must not matter
            Assert.Equal((4, null), (app.Slots(0).Limit, app.Slots(0).Shared));
            await using (var held = new HeldCalls(app))
            {
                for (var i = 0; i < 5; i++)
                {
                    held.Begin(0);
                }

                await SharedApp.UntilAsync(() => held.Rejected == 1);
                Assert.Equal(4, held.Inside);
            }

            live.Change(Json("true"));
            await SharedApp.UntilAsync(() => app.Slots(0).Shared!.ByInstance.Values.Sum() is > 0 and <= 4 || app.IsLater());
        }

        static string Json(string shared) =>
            $$"""{ "Pipelines": { "payments": { "Timeout": { "Read": "01:00:00" }, "Bulkhead": { "Shared": {{shared}}, "MaxConcurrency": 4, "AcquisitionTimeout": "00:00:00" } } } }""";
    }

    [Fact]
    public async Task Call_after_the_host_has_stopped_still_finds_a_slot()
    {
        await using var app = await StartAsync(2, slots: 4);
        await using var held = new HeldCalls(app);
        held.Begin(0);
        await SharedApp.UntilAsync(() => held.Inside == 1);
        held.EndOne();
        await SharedApp.UntilAsync(() => held.Inside == 0);

        await app[0].StopAsync();

        held.Begin(0);
        await SharedApp.UntilAsync(() => held.Inside == 1);
        Assert.Equal(["i1"], await app.State.BeatAsync("i1", TimeSpan.FromMinutes(1))); // i0 has said that it stops
    }

    [Fact]
    public async Task Eight_racing_instances_never_have_more_calls_inside_than_slots()
    {
        var seed = Random.Shared.Next();
        await using var app = await StartAsync(8, slots: 10, wait: TimeSpan.FromSeconds(30));
        var (inside, most, done) = (0, 0, 0);
        using var pass = new Timer(_ => app.IsLater(), null, 1, 1); // the clock goes on, so that rounds are repeated
        await Task.WhenAll(Enumerable.Range(0, 8).SelectMany(i => Enumerable.Range(0, 4).Select(worker => Task.Run(async () =>
        {
            var random = new Random(seed + (i * 4) + worker);
            for (var call = 0; call < 60; call++)
            {
                try
                {
                    await app[i].Pipeline.ExecuteAsync(async _ =>
                    {
                        InterlockedMax.Set(ref most, Interlocked.Increment(ref inside));
                        await Task.Delay(random.Next(3), CancellationToken.None);
                        Interlocked.Decrement(ref inside);
                    });
                    Interlocked.Increment(ref done);
                }
                catch (PoolTimeoutException)
                {
                    // it waited for 30 s of the clock
                }
            }
        }))));

        Assert.True(most <= 10, $"{most} calls were inside at once, seed {seed}");
        Assert.True(done > 8 * 4 * 60 / 2, $"only {done} calls got a slot, seed {seed}");
        TestContext.Current.TestOutputHelper?.WriteLine($"{most} at once, {done} of {8 * 4 * 60} calls, seed {seed}");
    }

    [Fact]
    public async Task Adaptive_slots_cannot_be_shared()
    {
        await using var pipelines = TestPipelines.FromJson("""{ "Pipelines": { "payments": { "Bulkhead": { "Shared": true, "Adaptive": { "Policy": "Gradient" } } } } }""");

        var refused = Assert.Throws<ResilienceConfigurationException>(() => pipelines.Pipeline);
        Assert.Contains("cannot be combined with Adaptive", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Reserve_of_the_retry_budget_is_divided_by_the_instances()
    {
        await using var app = new SharedApp(4, options => options.Retry.Budget.ReservePerSecond = 8);
        await app.StartAsync();

        Assert.Equal(20, app[0].Snapshot.RetryBudget!.Value.Available); // 8 a second over 10 s, for 4
    }

    [Fact]
    public async Task Reserve_is_not_divided_if_the_options_say_so()
    {
        await using var app = new SharedApp(4, options => options.Retry.Budget.ReservePerSecond = 8, options => options.DivideRetryReserve = false);
        await app.StartAsync();

        Assert.Equal(80, app[0].Snapshot.RetryBudget!.Value.Available);
    }

    private static async Task<SharedApp> StartAsync(int instances, int slots, TimeSpan wait = default, Func<InMemorySharedState, ValueTask<SharedSlots>>? before = null)
    {
        var app = new SharedApp(instances, options =>
        {
            options.Retry.MaxAttempts = 1;
            (options.Timeout.Read, options.Bulkhead.Shared, options.Bulkhead.MaxConcurrency, options.Bulkhead.AcquisitionTimeout) = (TimeSpan.FromHours(1), true, slots, wait);
        });
        if (before is not null)
        {
            await before(app.State);
        }

        await app.StartAsync();
        return app;
    }

    private static bool Renewed(SharedApp app)
    {
        app.Clock.Advance(TimeSpan.FromSeconds(4));
        return true;
    }

    /// <summary>Calls that stay inside until the test ends them.</summary>
    private sealed class HeldCalls(SharedApp app) : IAsyncDisposable
    {
        private readonly List<Task> _calls = [];
        private readonly System.Collections.Concurrent.ConcurrentQueue<TaskCompletionSource> _inside = new();
        private readonly int[] _insideOf = new int[8];
        private int _rejected;

        public int Inside => _insideOf.Sum();

        public int Rejected => Volatile.Read(ref _rejected);

        public int InsideOf(int instance) => Volatile.Read(ref _insideOf[instance]);

        public void Begin(int instance) => _calls.Add(CallAsync(instance));

        public void EndOne()
        {
            Assert.True(_inside.TryDequeue(out var one));
            one.SetResult();
        }

        public async ValueTask DisposeAsync()
        {
            while (!Task.WhenAll(_calls).IsCompleted)
            {
                while (_inside.TryDequeue(out var one))
                {
                    one.SetResult();
                }

                app.IsLater();
                await Task.Delay(1);
            }
        }

        private async Task CallAsync(int instance)
        {
            try
            {
                await app[instance].Pipeline.ExecuteAsync(async _ =>
                {
                    var end = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
                    Interlocked.Increment(ref _insideOf[instance]);
                    _inside.Enqueue(end);
                    await end.Task;
                    Interlocked.Decrement(ref _insideOf[instance]);
                });
            }
            catch (PoolTimeoutException)
            {
                Interlocked.Increment(ref _rejected);
            }
        }
    }
}
