using Polly;
using static Resilience.Polly.TestKit.Dependency;

namespace Resilience.Polly.Tests.Pipelines;

/// <summary>The guide's "Pattern Interaction Examples", and what every way to execute has in common.</summary>
public class FlowTests
{
    [Fact]
    public async Task Example1_healthy_service()
    {
        await using var app = TestPipelines.Of(_ => { });
        Assert.Equal(42, (await new Dependency(Answers(42)).ThroughAsync(app.Pipeline)).Result);
        var snapshot = app.Snapshot;
        Assert.Equal((1L, 1L, 0L), (snapshot.Calls.Total, snapshot.Calls.Succeeded, snapshot.Calls.Retries));
        Assert.Equal((0, 1, 0.0), (snapshot.Bulkhead.InUse, snapshot.Bulkhead.Peak, snapshot.Calls.RetryRate));
    }

    [Fact]
    public async Task Example2_temporarily_slow_service()
    {
        // Without a wait, so that the second attempt begins by itself and the clock moves only while nothing else does.
        await using var app = TestPipelines.Of(o => o.Retry.MinWait = TimeSpan.Zero);
        using var started = new SemaphoreSlim(0);
        var attempts = 0;
        var call = app.Pipeline.ExecuteAsync(async token =>
        {
            var seconds = ++attempts == 1 ? 60 : 25;
            var report = Task.Delay(TimeSpan.FromSeconds(seconds), app.Clock, token);
            started.Release();
            await report;
            return "report";
        }).AsTask();
        Assert.True(await started.WaitAsync(HeldCall.Patience));
        app.Clock.Advance(TimeSpan.FromSeconds(30));
        Assert.True(await started.WaitAsync(HeldCall.Patience));
        app.Clock.Advance(TimeSpan.FromSeconds(25));
        Assert.Equal("report", await call.WaitAsync(HeldCall.Patience));
        Assert.Equal((2, 0, 1.0), (attempts, app.Snapshot.CircuitBreaker.FailureCount, app.Snapshot.Calls.RetryRate));
    }

    [Fact]
    public async Task Example3_failing_service_opens_the_circuit()
    {
        await using var app = TestPipelines.Of(o => o.Retry.MinWait = TimeSpan.Zero);
        var dependency = new Dependency(Fails());
        for (var request = 1; request <= 5; request++)
        {
            Assert.IsType<ApiConnectionException>((await dependency.ThroughAsync(app.Pipeline)).Exception);
        }

        Assert.IsType<CircuitOpenException>((await dependency.ThroughAsync(app.Pipeline)).Exception);

        // The fifth call opens the circuit after its last attempt.
        Assert.Equal((15, 5L, 1L), (dependency.Attempts, app.Snapshot.Calls.Failed, app.Snapshot.Calls.CircuitOpen));
    }

    [Fact]
    public async Task Example4_overload_is_refused_at_the_bulkhead()
    {
        await using var app = TestPipelines.Of(o => o.Bulkhead.MaxConcurrency = 1);
        var gate = new TaskCompletionSource();
        var holder = app.Pipeline.ExecuteAsync(async _ => await gate.Task).AsTask();
        var dependency = new Dependency(Answers(1));
        var waiting = dependency.ThroughAsync(app.Pipeline);
        app.Clock.Advance(TimeSpan.FromSeconds(5));
        var full = Assert.IsType<BulkheadFullException>((await waiting).Exception);
        Assert.Equal((TimeoutPhase.Pool, TimeSpan.FromSeconds(5), 0), (full.Phase, full.Limit, full.Attempts));
        Assert.Equal((0, 1L), (dependency.Attempts, app.Snapshot.Calls.BulkheadFull));
        gate.SetResult();
        await holder;
    }

    [Fact]
    public async Task Execute_synchronous_waits_and_retries_as_well()
    {
        // Real time: a blocked thread cannot move a clock. 3 attempts with waits of 20 ms, and a slot that is free after a while.
        await using var app = TestPipelines.Of(
            o =>
            {
                o.Retry.MinWait = TimeSpan.FromMilliseconds(20);
                o.Bulkhead.MaxConcurrency = 1;
            },
            TimeProvider.System);
        using var inside = new ManualResetEventSlim();
        using var leave = new ManualResetEventSlim();
        var holder = Task.Run(() => app.Pipeline.Execute(() =>
        {
            inside.Set();
            leave.Wait();
        }));
        inside.Wait();
        var attempts = 0;
        var call = Task.Run(() => app.Pipeline.Execute(() => ++attempts < 3 ? throw new TimeoutException() : attempts));
        leave.Set();
        Assert.Equal(3, await call.WaitAsync(TimeSpan.FromSeconds(30)));
        await holder;
    }

    [Fact]
    public async Task ExecuteOutcomeAsync_does_not_throw_even_when_the_callback_does()
    {
        await using var app = TestPipelines.Of(o => o.Retry.MaxAttempts = 1);
        var context = ResilienceContextPool.Shared.Get();
        var outcome = await app.Pipeline.ExecuteOutcomeAsync<int, string>((_, _) => throw new TimeoutException(), context, "state");
        ResilienceContextPool.Shared.Return(context);
        Assert.IsType<ApiTimeoutException>(outcome.Exception);
        Assert.Equal(0, app.Snapshot.Bulkhead.InUse);
    }

    [Fact]
    public async Task Pipelines_nested_keep_their_calls_apart()
    {
        await using var app = TestPipelines.FromJson("""
            { "Defaults": { "Retry": { "MinWait": "00:00:00" } },
              "Pipelines": { "outer": { "Retry": { "MaxAttempts": 2 } }, "inner": { "Retry": { "MaxAttempts": 3 } } } }
            """);
        var dependency = new Dependency(Fails());
        var outcome = await Assert.ThrowsAsync<ApiConnectionException>(async () => await app.Provider.GetPipeline("outer").ExecuteAsync(
            async token => await app.Provider.GetPipeline("inner").ExecuteAsync(dependency.CallAsync, token)));
        Assert.Equal(("inner", 3, 6), (outcome.PipelineName, outcome.Attempts, dependency.Attempts));
        Assert.Equal((1L, 2L), (app.Monitor.GetSnapshot("outer").Calls.Total, app.Monitor.GetSnapshot("inner").Calls.Total));
    }
}
