using Polly.CircuitBreaker;

namespace Resilience.Polly.Tests.SharedState;

public class SharedCircuitTests
{
    private static readonly TimeSpan Break = TimeSpan.FromSeconds(30);

    [Fact]
    public async Task Circuit_opens_for_all_once_the_quorum_has_opened_it()
    {
        await using var app = await StartAsync(3);
        await app.FailAsync(0, 5);
        await SharedApp.UntilAsync(() => app.Circuit(0).Shared!.Votes is ["i0"]);
        Assert.Equal((CircuitState.Open, CircuitState.Closed, CircuitState.Closed), States(app));
        Assert.Equal(CircuitState.Closed, app.Circuit(0).Shared!.State);

        await app.FailAsync(1, 5);
        await SharedApp.UntilAsync(() => States(app) == (CircuitState.Open, CircuitState.Open, CircuitState.Open));

        Assert.IsType<CircuitOpenException>(await app.SucceedAsync(2));
        var seen = app.Circuit(2);
        Assert.Equal((CircuitState.Open, 1L, "i1"), (seen.Shared!.State, seen.Shared.Epoch, seen.Shared.ChangedBy));
        Assert.Equal("i1", seen.LastTransition!.Instance);
        Assert.StartsWith("instance i1: 5 failures in a row, the last: ", seen.LastTransition.Reason, StringComparison.Ordinal);
        Assert.Equal(Break, seen.LastTransition.OpenFor);
        await SharedApp.UntilAsync(() => app.Log.Lines.Any(line => line.Contains("Circuit 'payments' of all instances is Open: instance i1: 5 failures in a row", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task One_bad_instance_opens_nobody_elses_circuit_however_often_it_fails()
    {
        await using var app = await StartAsync(3);
        for (var round = 0; round < 20; round++)
        {
            await app.FailAsync(0, 5);
            Assert.Null(await app.SucceedAsync(1));
            Assert.Null(await app.SucceedAsync(2));
            app.Clock.Advance(Break);
        }

        Assert.Equal((CircuitState.Closed, CircuitState.Closed), (app.Circuit(1).State, app.Circuit(2).State));
        Assert.Equal(0, app.Circuit(1).Shared!.Epoch);
    }

    [Fact]
    public async Task One_instance_alone_needs_no_other_vote()
    {
        await using var app = await StartAsync(1);
        await app.FailAsync(0, 5);

        await SharedApp.UntilAsync(() => app.Circuit(0).Shared!.State == CircuitState.Open);
    }

    [Fact]
    public async Task Exactly_one_instance_probes_and_its_success_closes_the_circuit_for_all()
    {
        await using var app = await StartOpenAsync(3);
        app.Clock.Advance(Break);

        var gate = new TaskCompletionSource();
        var probes = 0;
        Task<Exception?>[] calls = [.. Enumerable.Range(0, 24).Select(i => HeldAsync(i % 3))];
        await SharedApp.UntilAsync(() => calls.Count(call => call.IsCompleted) == 23);
        Assert.Equal(1, probes);
        Assert.All(calls.Where(call => call.IsCompleted), call => Assert.IsType<CircuitOpenException>(call.Result));
        gate.SetResult();
        await Task.WhenAll(calls);

        await SharedApp.UntilAsync(() => States(app) == (CircuitState.Closed, CircuitState.Closed, CircuitState.Closed));
        Assert.Null(await app.SucceedAsync(0));
        Assert.Null(await app.SucceedAsync(1));
        Assert.Null(await app.SucceedAsync(2));

        async Task<Exception?> HeldAsync(int instance)
        {
            try
            {
                await app[instance].Pipeline.ExecuteAsync(async _ =>
                {
                    Interlocked.Increment(ref probes);
                    await gate.Task;
                });
                return null;
            }
            catch (ApiCallException exception)
            {
                return exception;
            }
        }
    }

    [Fact]
    public async Task Probe_that_fails_opens_the_circuit_for_all_again()
    {
        await using var app = await StartOpenAsync(3);
        app.Clock.Advance(Break);

        await app.FailAsync(1);
        await SharedApp.UntilAsync(() => Enumerable.Range(0, 3).All(i => app.Circuit(i).Shared!.Epoch == 2));

        app.Clock.Advance(Break / 2);
        Assert.Equal((CircuitState.Open, CircuitState.Open, CircuitState.Open), States(app));
        Assert.IsType<CircuitOpenException>(await app.SucceedAsync(2));
        app.Clock.Advance(Break / 2);
        Assert.Null(await app.SucceedAsync(2));
        await SharedApp.UntilAsync(() => States(app) == (CircuitState.Closed, CircuitState.Closed, CircuitState.Closed));
    }

    [Fact]
    public async Task Prober_that_is_gone_leaves_the_probe_to_another_after_its_lease()
    {
        await using var app = await StartOpenAsync(3);
        app.Clock.Advance(Break);
        var gate = new TaskCompletionSource();
        var probe = app[0].Pipeline.ExecuteAsync(async _ => await gate.Task).AsTask();
        await SharedApp.UntilAsync(() => app.Circuit(0).LastTransition!.To == CircuitState.HalfOpen);
        Assert.IsType<CircuitOpenException>(await app.SucceedAsync(1));

        app.Clock.Advance(Break); // as long as a probe may take
        Assert.Null(await app.SucceedAsync(1));
        await SharedApp.UntilAsync(() => app.Circuit(2).State == CircuitState.Closed);
        gate.SetResult();
        await probe;
        Assert.Equal(2, app.Circuit(2).Shared!.Epoch); // its late result changed nothing
    }

    [Fact]
    public async Task Probe_that_its_caller_cancels_leaves_the_probe_to_another_at_once()
    {
        await using var app = await StartOpenAsync(2);
        app.Clock.Advance(Break);
        using var cancel = new CancellationTokenSource();
        var probe = app[0].Pipeline.ExecuteAsync(async token => await Task.Delay(Timeout.Infinite, token), cancel.Token).AsTask();
        await SharedApp.UntilAsync(() => app.Circuit(0).LastTransition!.To == CircuitState.HalfOpen);
        cancel.Cancel();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => probe);

        var probed = false;
        await SharedApp.UntilAsync(() => probed |= app.SucceedAsync(1).GetAwaiter().GetResult() is null || Pass());

        bool Pass()
        {
            app.Clock.Advance(TimeSpan.FromMilliseconds(100)); // until an instance that was refused asks again
            return false;
        }
    }

    [Fact]
    public async Task Probe_whose_answer_was_lost_is_left_to_another_once_the_store_answers()
    {
        await using var app = await StartOpenAsync(2);
        app.Clock.Advance(Break);
        app.LosesProbes = true;
        using var cancel = new CancellationTokenSource();
        var alone = app[0].Pipeline.ExecuteAsync(async token => await Task.Delay(Timeout.Infinite, token), cancel.Token).AsTask();
        await SharedApp.UntilAsync(() => app.LostProbe is not null);
        cancel.Cancel();
        Assert.True(await Record.ExceptionAsync(() => alone) is OperationCanceledException or CircuitOpenException); // it may be alone, or refused

        app.LosesProbes = false;
        app.Clock.Advance(TimeSpan.FromSeconds(2)); // the next comparison, long before the lease lapses
        await SharedApp.UntilAsync(() => app.EndedProbes.Contains(app.LostProbe!));
        Assert.Null(await app.SucceedAsync(1));
        await SharedApp.UntilAsync(() => app.Circuit(0).State == CircuitState.Closed);
    }

    [Fact]
    public async Task Synchronous_call_asks_for_the_probe_too()
    {
        await using var app = await StartOpenAsync(2);
        app.Clock.Advance(Break);

        Assert.Equal(3, app[1].Pipeline.Execute(() => 3));
        await SharedApp.UntilAsync(() => app.Circuit(0).State == CircuitState.Closed);
    }

    [Fact]
    public async Task Several_probes_in_a_row_are_made_by_one_instance()
    {
        await using var app = await StartOpenAsync(2, options => options.CircuitBreaker.Probes = 3);
        app.Clock.Advance(Break);

        Assert.Null(await app.SucceedAsync(0));
        Assert.IsType<CircuitOpenException>(await app.SucceedAsync(1));
        Assert.Null(await app.SucceedAsync(0));
        Assert.Null(await app.SucceedAsync(0));
        await SharedApp.UntilAsync(() => app.Circuit(1).State == CircuitState.Closed);
    }

    [Theory]
    [InlineData(null)]
    [InlineData(10)]
    public async Task Isolation_and_reset_by_hand_hold_for_all(int? minutes)
    {
        await using var app = await StartAsync(3);
        TimeSpan? duration = minutes is { } given ? TimeSpan.FromMinutes(given) : null;
        app[1].Control.Isolate(TestPipelines.Name, duration);
        await SharedApp.UntilAsync(() => States(app) == (CircuitState.Isolated, CircuitState.Isolated, CircuitState.Isolated));
        Assert.StartsWith("instance i1: isolated by hand", app.Circuit(0).LastTransition!.Reason, StringComparison.Ordinal);
        Assert.False(app.Circuit(0).LastTransition!.IsManual);
        Assert.All(Enumerable.Range(0, 3), instance => Assert.Equal(duration, app.Circuit(instance).LastTransition!.OpenFor));

        app[2].Control.Reset(TestPipelines.Name);
        await SharedApp.UntilAsync(() => States(app) == (CircuitState.Closed, CircuitState.Closed, CircuitState.Closed));
    }

    [Fact]
    public async Task Reset_by_hand_closes_the_circuit_of_one_bad_instance_too()
    {
        await using var app = await StartAsync(3);
        await app.FailAsync(0, 5);
        await SharedApp.UntilAsync(() => app.Circuit(0).Shared!.Votes.Count == 1);

        app[2].Control.Isolate(TestPipelines.Name);
        await SharedApp.UntilAsync(() => app.Circuit(0).State == CircuitState.Isolated);
        app[2].Control.Reset(TestPipelines.Name);
        await SharedApp.UntilAsync(() => States(app) == (CircuitState.Closed, CircuitState.Closed, CircuitState.Closed));
    }

    [Fact]
    public async Task Store_that_is_down_fails_no_call_and_each_instance_decides_alone()
    {
        await using var app = await StartAsync(2);
        app.State.IsAvailable = false;
        await app.FailAsync(0, 5);
        Assert.True(app.Circuit(0).Shared!.IsAlone);
        Assert.Equal(CircuitState.Open, app.Circuit(0).State);
        Assert.Null(await app.SucceedAsync(1));

        app.Clock.Advance(Break);
        Assert.Null(await app.SucceedAsync(0)); // its own probe
        Assert.Equal(CircuitState.Closed, app.Circuit(0).State);
        Assert.False(app[0].Monitor.GetSharedState()!.IsAvailable);
    }

    [Fact]
    public async Task What_happened_while_the_store_was_down_is_told_when_it_is_back()
    {
        await using var app = await StartAsync(3);
        app.State.IsAvailable = false;
        await app.FailAsync(0, 5);
        await app.FailAsync(1, 5);
        app.Clock.Advance(TimeSpan.FromSeconds(10));
        Assert.Equal(CircuitState.Closed, app.Circuit(2).State);

        app.State.IsAvailable = true;
        await SharedApp.UntilAsync(() => app.Circuit(2).State == CircuitState.Open);
        Assert.InRange(app.Circuit(2).TimeToProbe!.Value, TimeSpan.FromSeconds(19), TimeSpan.FromSeconds(20));
    }

    [Fact]
    public async Task Probe_of_an_instance_that_was_alone_closes_the_circuit_for_all_when_the_store_is_back()
    {
        await using var app = await StartOpenAsync(3);
        app.State.IsAvailable = false;
        app.Clock.Advance(Break);
        Assert.Null(await app.SucceedAsync(1));
        Assert.Equal((CircuitState.HalfOpen, CircuitState.Closed, CircuitState.HalfOpen), States(app));

        app.State.IsAvailable = true;
        await SharedApp.UntilAsync(() => States(app) == (CircuitState.Closed, CircuitState.Closed, CircuitState.Closed));
    }

    [Fact]
    public async Task Instances_agree_again_after_the_store_has_lost_its_data()
    {
        await using var app = await StartOpenAsync(3);
        app.State.IsAvailable = false;
        app.State.Clear();
        app.Clock.Advance(TimeSpan.FromSeconds(5));
        app.State.IsAvailable = true;

        await SharedApp.UntilAsync(() => Enumerable.Range(0, 3).All(i => app.Circuit(i).Shared is { Epoch: > 1, State: CircuitState.Open }));
        Assert.Equal((CircuitState.Open, CircuitState.Open, CircuitState.Open), States(app));
        Assert.InRange(app.Circuit(0).TimeToProbe!.Value, TimeSpan.FromSeconds(24), TimeSpan.FromSeconds(25));
    }

    [Fact]
    public async Task Instance_that_starts_later_takes_over_the_open_circuit()
    {
        await using var app = await StartOpenAsync(2);
        app.Clock.Advance(TimeSpan.FromSeconds(10));
        var late = app.Add();
        _ = late.Pipeline;

        await SharedApp.UntilAsync(() => app.Circuit(2).State == CircuitState.Open);
        Assert.InRange(app.Circuit(2).TimeToProbe!.Value, TimeSpan.FromSeconds(19), TimeSpan.FromSeconds(20));
    }

    [Fact]
    public async Task Instance_that_restarts_under_its_name_takes_over_what_it_opened_itself()
    {
        await using var app = await StartOpenAsync(2); // i1 had the last vote
        await app[1].DisposeAsync();
        var restarted = app.Add("i1");

        await SharedApp.UntilAsync(() => restarted.Snapshot.CircuitBreaker.State == CircuitState.Open);
    }

    [Fact]
    public async Task Each_partition_has_its_own_shared_circuit()
    {
        await using var app = await StartAsync(2, options => options.PartitionBy = PartitionBy.Key);
        await app.FailAsync(0, 5, "host-a");
        await app.FailAsync(1, 5, "host-a");
        await app.SucceedAsync(0, "host-b");
        Assert.Null(await app.SucceedAsync(1, "host-b"));

        await SharedApp.UntilAsync(() => app[0].Snapshot.Partitions.Single(one => one.Key == "host-a").CircuitBreaker.Shared!.State == CircuitState.Open);
        Assert.Equal(CircuitState.Closed, app[0].Snapshot.Partitions.Single(one => one.Key == "host-b").CircuitBreaker.Shared!.State);
    }

    [Fact]
    public async Task Circuit_that_is_not_shared_says_so_and_stays_local()
    {
        await using var app = new SharedApp(2, options => options.Retry.MaxAttempts = 1);
        await app.StartAsync();
        await app.FailAsync(0, 5);
        await app.FailAsync(1, 4);

        Assert.Null(app.Circuit(0).Shared);
        Assert.Equal(CircuitState.Closed, app.Circuit(1).State);
    }

    [Fact]
    public async Task Shared_circuit_without_a_store_is_refused_with_its_path()
    {
        await using var pipelines = TestPipelines.FromJson("""{ "Pipelines": { "payments": { "CircuitBreaker": { "Shared": true }, "Bulkhead": { "Shared": true } } } }""");

        var refused = Assert.Throws<ResilienceConfigurationException>(() => pipelines.Pipeline);
        Assert.Contains("Pipelines:payments:CircuitBreaker:Shared", refused.Message, StringComparison.Ordinal);
        Assert.Contains("Pipelines:payments:Bulkhead:Shared", refused.Message, StringComparison.Ordinal);
        Assert.Contains("call AddRedis", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Instances_agree_after_any_sequence_of_events()
    {
        var seed = Random.Shared.Next();
        var random = new Random(seed);
        for (var run = 0; run < 40; run++)
        {
            await using var app = await StartAsync(3);
            for (var step = 0; step < 60; step++)
            {
                var instance = random.Next(3);
                switch (random.Next(10))
                {
                    case < 4: await app.FailAsync(instance, random.Next(1, 6)); break;
                    case < 6: await app.SucceedAsync(instance); break;
                    case 6: app.Clock.Advance(TimeSpan.FromSeconds(random.Next(1, 40))); break;
                    case 7: app.State.IsAvailable = !app.State.IsAvailable; break;
                    case 8 when random.Next(4) == 0: app.State.Clear(); break;
                    case 9 when random.Next(4) == 0: app[instance].Control.Reset(TestPipelines.Name); break;
                }
            }

            // With the store back and the dependency healthy, all circuits close within a few breaks, and all know the same.
            app.State.IsAvailable = true;
            var rounds = 0;
            await SharedApp.UntilAsync(() =>
            {
                Assert.True(++rounds < 20_000, $"seed {seed}, run {run}: {States(app)}");
                app.Clock.Advance(TimeSpan.FromSeconds(2));
                for (var i = 0; i < 3; i++)
                {
                    app.SucceedAsync(i).GetAwaiter().GetResult();
                }

                return States(app) == (CircuitState.Closed, CircuitState.Closed, CircuitState.Closed)
                    && Enumerable.Range(0, 3).Select(i => (app.Circuit(i).Shared!.Epoch, app.Circuit(i).Shared!.State)).Distinct().Count() == 1;
            });
        }
    }

    private static async Task<SharedApp> StartAsync(int instances, Action<PipelineOptions>? configure = null)
    {
        var app = new SharedApp(instances, options =>
        {
            options.Retry.MaxAttempts = 1;
            options.CircuitBreaker.Shared = true;
            options.CircuitBreaker.RecoveryTimeout = Break;
            configure?.Invoke(options);
        });
        await app.StartAsync();
        return app;
    }

    private static async Task<SharedApp> StartOpenAsync(int instances, Action<PipelineOptions>? configure = null)
    {
        var app = await StartAsync(instances, configure);
        await app.FailAsync(0, 5);
        await app.FailAsync(1, 5);
        await SharedApp.UntilAsync(() => Enumerable.Range(0, instances).All(i => app.Circuit(i).Shared!.State == CircuitState.Open));
        return app;
    }

    private static (CircuitState, CircuitState, CircuitState) States(SharedApp app) => (app.Circuit(0).State, app.Circuit(1).State, app.Circuit(2).State);
}
