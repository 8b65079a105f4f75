using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Polly;
using Polly.CircuitBreaker;

namespace Resilience.Polly.Tests.Partitions;

public class PartitionTests
{
    [Fact]
    public async Task Open_circuit_of_one_key_rejects_no_call_of_another()
    {
        await using var app = PartitionedApp.Of();
        app.Open("dead");

        var rejected = Assert.IsType<CircuitOpenException>(app.Call("dead"));
        Assert.Equal("dead", rejected.Partition);
        Assert.StartsWith("Circuit breaker is OPEN for pipeline 'payments' (dead):", rejected.Message, StringComparison.Ordinal);
        Assert.Null(app.Call("alive"));
        Assert.Null(app.Call(key: null));
        Assert.Equal(1, app.Snapshot.OpenCircuits);
    }

    [Fact]
    public async Task Without_PartitionBy_a_key_changes_nothing()
    {
        await using var app = PartitionedApp.Of(options => options.PartitionBy = PartitionBy.None);
        app.Open("dead");

        Assert.Null(Assert.IsType<CircuitOpenException>(app.Call("alive")).Partition);
        Assert.Empty(app.Snapshot.Partitions);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(257)]
    public async Task Key_of_another_length_is_refused_before_anything_is_done(int length)
    {
        await using var app = PartitionedApp.Of();

        var refused = Assert.IsType<ArgumentException>(app.Call(new('x', length)));
        Assert.Equal("Resilience.Polly.Partition", refused.ParamName);
        Assert.Contains($"has {length} characters; allowed are 1 to 256", refused.Message, StringComparison.Ordinal);
        Assert.Equal(0, app.Snapshot.Lifetime.Total);
        Assert.Null(app.Call(new('x', 256)));
    }

    [Theory]
    [InlineData("acme\nfail: Payments[0] all is lost")]
    [InlineData("acme\r")]
    [InlineData("\u001b[31m")]
    [InlineData("\0")]
    [InlineData("acme\u007f")]
    [InlineData("acme\u0085")]
    [InlineData("acme\u2028")]
    [InlineData("acme\u2029")]
    public async Task Key_that_could_look_like_another_line_of_a_log_is_refused(string key)
    {
        await using var app = PartitionedApp.Of();

        var refused = Assert.IsType<ArgumentException>(app.Call(key));
        Assert.StartsWith("The partition key of the call contains a control character or a line separator.", refused.Message, StringComparison.Ordinal);
        Assert.Empty(app.Snapshot.Partitions);
    }

    [Theory]
    [InlineData("Müller & Söhne")]
    [InlineData("مؤسسة\u200cها")] // joiners belong to some languages
    [InlineData("👩\u200d🔬")]
    [InlineData("a b\u00a0c")]
    public async Task Key_of_any_language_is_fine(string key)
    {
        await using var app = PartitionedApp.Of();

        Assert.Null(app.Call(key));
        Assert.NotNull(app.Find(key));
    }

    [Fact]
    public async Task Key_of_the_partition_that_further_keys_share_is_refused()
    {
        await using var app = PartitionedApp.Of();

        var refused = Assert.IsType<ArgumentException>(app.Call("(overflow)"));
        Assert.StartsWith("The partition key of the call is '(overflow)', which is the key of the partition that further keys share.", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Slots_permits_and_budget_of_one_key_are_not_those_of_another()
    {
        await using var app = PartitionedApp.Of(options =>
        {
            (options.Bulkhead.MaxConcurrency, options.Bulkhead.AcquisitionTimeout) = (1, TimeSpan.Zero);
            (options.RateLimit.Permits, options.RateLimit.MaxWait) = (2, TimeSpan.Zero);
        });
        var answer = new TaskCompletionSource();
        var held = app.HoldAsync("a", answer);

        Assert.Equal("a", Assert.IsType<BulkheadFullException>(app.Call("a")).Partition);
        Assert.Null(app.Call("b"));
        answer.SetResult();
        await held;
        Assert.Null(app.Call("a"));
        Assert.Equal("a", Assert.IsType<RateLimitedException>(app.Call("a")).Partition);
        Assert.Null(app.Call("b"));
    }

    [Fact]
    public async Task Snapshot_sums_the_calls_and_shows_the_partition_that_is_worst_off()
    {
        await using var app = PartitionedApp.Of();
        app.Call("a");
        app.Call("b", fails: true);
        app.Open("c");
        app.Call(key: null);

        var now = app.Snapshot;
        Assert.Equal((5L, 2L, 3L), (now.Lifetime.Total, now.Lifetime.Succeeded, now.Lifetime.TimedOut));
        Assert.Equal(5, now.Calls.Total);
        Assert.Equal(5, now.Latency.Count);
        Assert.Equal(CircuitState.Open, now.CircuitBreaker.State);
        Assert.Equal(["a", "b", "c"], now.Partitions.Select(partition => partition.Key));
        Assert.Equal([1L, 1, 2], now.Partitions.Select(partition => partition.Calls.Total));
        Assert.Equal([CircuitState.Closed, CircuitState.Closed, CircuitState.Open], now.Partitions.Select(partition => partition.CircuitBreaker.State));
    }

    [Fact]
    public async Task Keys_beyond_MaxPartitions_share_one_until_there_is_room_again()
    {
        await using var app = PartitionedApp.Of(options => options.MaxPartitions = 2);
        using var watching = new CancellationTokenSource();
        var events = app.App.Monitor.WatchAsync(null, watching.Token).GetAsyncEnumerator();
        await app.App.StartAsync();
        foreach (var key in new[] { "a", "b", "c", "d" })
        {
            app.Call(key);
        }

        Assert.Equal(["(overflow)", "a", "b"], app.Snapshot.Partitions.Select(partition => partition.Key));
        Assert.Equal(2, app.Find("(overflow)")!.Calls.Total);
        Assert.True(await events.MoveNextAsync());
        Assert.Equal(("c", 2), Assert.IsType<PartitionsFullEvent>(events.Current) is var full ? (full.Partition, full.MaxPartitions) : default);

        app.App.Pass(601);
        app.Call("c");
        Assert.NotNull(app.Find("c"));
        app.Call("d");
        app.Call("e");
        Assert.True(await events.MoveNextAsync());
        Assert.Equal("e", Assert.IsType<PartitionsFullEvent>(events.Current).Partition);
    }

    [Fact]
    public async Task Idle_partition_is_forgotten_and_its_calls_stay_in_the_sum()
    {
        await using var app = PartitionedApp.Of(options => options.PartitionIdleTimeout = TimeSpan.FromMinutes(5));
        await app.App.StartAsync();
        app.Call("a");
        app.App.Pass(290);
        Assert.NotNull(app.Find("a"));

        app.App.Pass(15);
        Assert.Null(app.Find("a"));
        Assert.Equal(1, app.Snapshot.Lifetime.Succeeded);
        app.Call("a");
        Assert.Equal(2, app.Snapshot.Lifetime.Succeeded);
    }

    [Fact]
    public async Task Partition_with_a_call_inside_an_open_circuit_or_taken_permits_is_kept()
    {
        await using var app = PartitionedApp.Of(options =>
        {
            (options.PartitionIdleTimeout, options.MaxOpenShare) = (TimeSpan.FromMinutes(1), 1);
            (options.RateLimit.Permits, options.RateLimit.Per, options.RateLimit.Burst) = (1, TimeSpan.FromMinutes(10), 10);
        });
        await app.App.StartAsync();
        var answer = new TaskCompletionSource();
        var held = app.HoldAsync("inside", answer);
        app.Open("open");
        app.Call("permit");
        app.App.Pass(300);

        Assert.Equal(["inside", "open", "permit"], app.Snapshot.Partitions.Select(partition => partition.Key));
        answer.SetResult();
        await held;
        app.Call("open"); // the probe
        app.App.Pass(1_800);
        Assert.Empty(app.Snapshot.Partitions);
    }

    [Fact]
    public async Task No_more_than_MaxOpenShare_of_the_circuits_open_and_the_first_that_may_not_is_told()
    {
        await using var app = PartitionedApp.Of();
        string[] keys = [.. Enumerable.Range(0, 10).Select(number => $"host-{number}")];
        var events = app.App.Monitor.WatchAsync().GetAsyncEnumerator();
        Array.ForEach(keys, key => app.Call(key));
        foreach (var key in keys.Concat(keys))
        {
            app.Call(key, fails: true);
        }

        Assert.Equal(5, app.Snapshot.OpenCircuits);
        Assert.Null(app.Call("host-9"));
        OpenShareReachedEvent? told = null;
        for (var seen = 0; seen < 6; seen++)
        {
            Assert.True(await events.MoveNextAsync());
            told ??= events.Current as OpenShareReachedEvent;
        }

        Assert.Equal(("host-5", 5), (told!.Partition, told.Open));

        // One closes after its probe, and another may open.
        app.App.Clock.Advance(TimeSpan.FromSeconds(31));
        Assert.Null(app.Call("host-0"));
        Assert.Equal(4, app.Snapshot.OpenCircuits);
        app.Open("host-9");
        Assert.Equal(5, app.Snapshot.OpenCircuits);
        Assert.IsType<CircuitOpenException>(app.Call("host-9"));
        app.Open("host-8");
        Assert.Null(app.Call("host-8"));
    }

    [Fact]
    public async Task Fewer_than_four_partitions_may_all_be_open()
    {
        await using var app = PartitionedApp.Of();
        Array.ForEach(["a", "b", "c"], app.Open);

        Assert.Equal(3, app.Snapshot.OpenCircuits);
        app.Open("d");
        Assert.Equal(3, app.Snapshot.OpenCircuits); // three of four are too many already
    }

    [Fact]
    public async Task Closed_partition_is_kept_while_the_open_ones_would_be_too_many_without_it()
    {
        await using var app = PartitionedApp.Of(options => (options.PartitionIdleTimeout, options.CircuitBreaker.RecoveryTimeout) = (TimeSpan.FromMinutes(1), TimeSpan.FromHours(1)));
        await app.App.StartAsync();
        Array.ForEach(["a", "b", "c", "d", "e", "f"], key => app.Call(key));
        Array.ForEach(["a", "b"], app.Open);
        app.App.Pass(300);

        Assert.Equal((4, 2), (app.Snapshot.Partitions.Count, app.Snapshot.OpenCircuits));
    }

    [Fact]
    public async Task Isolation_of_the_pipeline_holds_for_all_partitions_and_for_new_ones()
    {
        await using var app = PartitionedApp.Of();
        app.Call("old");
        app.App.Control.Isolate(TestPipelines.Name);

        Assert.All(new[] { "old", "new", null }, key => Assert.Null(Assert.IsType<CircuitOpenException>(app.Call(key)).RetryAfter));
        app.App.Control.Reset(TestPipelines.Name);
        Assert.All(new[] { "old", "new", "newer", null }, key => Assert.Null(app.Call(key)));
    }

    [Fact]
    public async Task Isolation_for_a_time_ends_for_a_partition_that_was_made_meanwhile()
    {
        await using var app = PartitionedApp.Of();
        app.App.Control.Isolate(TestPipelines.Name, TimeSpan.FromMinutes(1));
        app.App.Clock.Advance(TimeSpan.FromSeconds(40));
        Assert.Equal(TimeSpan.FromSeconds(20), Assert.IsType<CircuitOpenException>(app.Call("late")).RetryAfter);
        app.App.Clock.Advance(TimeSpan.FromSeconds(21));
        Assert.Null(app.Call("late"));
        Assert.Null(app.Call("later"));
    }

    [Fact]
    public async Task One_partition_is_isolated_and_reset_by_its_key()
    {
        await using var app = PartitionedApp.Of();
        app.Call("a");
        app.Call("b");
        app.App.Control.Isolate(TestPipelines.Name, partition: "a");

        Assert.IsType<CircuitOpenException>(app.Call("a"));
        Assert.Null(app.Call("b"));
        Assert.Contains("'c'", Assert.Throws<KeyNotFoundException>(() => app.App.Control.Isolate(TestPipelines.Name, partition: "c")).Message, StringComparison.Ordinal);
        app.App.Control.Reset(TestPipelines.Name, "a");
        Assert.Null(app.Call("a"));
    }

    [Fact]
    public async Task Events_and_alerts_tell_the_partition()
    {
        await using var app = PartitionedApp.Of();
        await app.App.StartAsync();
        var events = app.App.Monitor.WatchAsync().GetAsyncEnumerator();
        app.Open("dead");
        app.Call("dead");
        app.App.Pass(1);

        for (var seen = 0; seen < 3; seen++)
        {
            Assert.True(await events.MoveNextAsync());
            Assert.Equal("dead", events.Current.Partition);
        }

        var alert = Assert.Single(app.Snapshot.Alerts);
        Assert.Equal("dead", alert.Partition);
        Assert.StartsWith("payments (dead): the circuit is Open", alert.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Health_is_degraded_by_one_open_circuit_and_bad_when_as_many_are_open_as_may_be()
    {
        await using var app = new TestPipelines(services =>
        {
            services.AddResilience().AddPipeline(TestPipelines.Name, options =>
            {
                (options.PartitionBy, options.Importance) = (PartitionBy.Key, PipelineImportance.Critical);
                (options.CircuitBreaker.FailureThreshold, options.Retry.MaxAttempts) = (1, 1);
            });
            services.AddLogging().AddHealthChecks().AddResilience();
        });
        var health = app.Services.GetRequiredService<HealthCheckService>();
        foreach (var key in new[] { "a", "b", "c", "d" })
        {
            PartitionedApp.Call(app.Pipeline, key);
        }

        PartitionedApp.Call(app.Pipeline, "b", fails: true);
        var report = await health.CheckHealthAsync();
        Assert.Equal(HealthStatus.Degraded, report.Status);
        Assert.Contains("circuit Open (b; 1 of 4 partitions open)", report.Entries.Values.Single().Description, StringComparison.Ordinal);
        PartitionedApp.Call(app.Pipeline, "c", fails: true);
        Assert.Equal(HealthStatus.Unhealthy, (await health.CheckHealthAsync()).Status);
    }

    [Fact]
    public async Task Meter_tells_partitions_apart_only_where_it_is_asked_to()
    {
        foreach (var isAsked in new[] { false, true })
        {
            await using var app = PartitionedApp.Of(options => options.PartitionMetrics = isAsked);
            using var meter = new MeterReader(app.App.Services);
            app.Call("a");
            app.Open("b");
            var measured = meter.Collect();

            Assert.Equal(3, measured.Where(one => one.Instrument == "resilience.calls").Sum(one => one.Value));
            Assert.Equal(2, measured.Where(one => one.Instrument == "resilience.circuit.state").Max(one => one.Value));
            Assert.All(measured.Where(one => one.Instrument == "resilience.partitions.open"), one => Assert.Equal(1, one.Value));
            Assert.Equal(isAsked ? ["", "a", "b"] : [null], measured.Where(one => one.Instrument == "resilience.circuit.state").Select(PartitionOf).Order(StringComparer.Ordinal));
            Assert.Equal(isAsked ? ["a", "b", "b"] : [null, null, null], measured.Where(one => one.Instrument == "resilience.call.duration").Select(PartitionOf).Order(StringComparer.Ordinal));
        }

        static string? PartitionOf(Measured one) => one.Tags.GetValueOrDefault("pipeline.partition");
    }

    [Fact]
    public async Task Reload_reaches_every_partition_and_keeps_its_state()
    {
        var json = new LiveJson("""{ "Pipelines": { "payments": { "PartitionBy": "Key", "Retry": { "MaxAttempts": 1 }, "Bulkhead": { "MaxConcurrency": 3 }, "CircuitBreaker": { "FailureThreshold": 2 } } } }""");
        await using var app = new TestPipelines(services => services.AddResilience(json.Section));
        PartitionedApp.Call(app.Pipeline, "a", fails: true);
        json.Change("""{ "Pipelines": { "payments": { "PartitionBy": "Key", "Retry": { "MaxAttempts": 1 }, "Bulkhead": { "MaxConcurrency": 7 }, "RateLimit": { "Permits": 9 }, "CircuitBreaker": { "FailureThreshold": 2 } } } }""");

        var partition = Assert.Single(app.Snapshot.Partitions);
        Assert.Equal((7, 1, 9L), (partition.Bulkhead.Limit, partition.CircuitBreaker.FailureCount, partition.RateLimit!.Available));
        PartitionedApp.Call(app.Pipeline, "a", fails: true);
        Assert.IsType<CircuitOpenException>(PartitionedApp.Call(app.Pipeline, "a"));

        // Switched off, all calls share one state.
        json.Change("""{ "Pipelines": { "payments": { } } }""");
        Assert.Null(PartitionedApp.Call(app.Pipeline, "a"));
    }
}
