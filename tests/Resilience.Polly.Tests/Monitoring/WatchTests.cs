using Microsoft.Extensions.DependencyInjection;
using Polly.CircuitBreaker;
using static Resilience.Polly.TestKit.Dependency;

namespace Resilience.Polly.Tests.Monitoring;

public class WatchTests
{
    [Fact]
    public async Task WatchAsync_streams_what_happens_from_the_moment_it_is_asked_for()
    {
        await using var app = TestPipelines.Of(o => (o.CircuitBreaker.FailureThreshold, o.Retry.MaxAttempts, o.Retry.MinWait) = (1, 2, TimeSpan.Zero));
        var events = app.Monitor.WatchAsync();
        await new Dependency(Fails(), Fails()).ThroughAsync(app.Pipeline);
        await new Dependency(Answers(1)).ThroughAsync(app.Pipeline);
        await app.DisposeAsync(); // ends the stream
        var seen = await events.ToListAsync();
        Assert.Equal([typeof(RetryEvent), typeof(CircuitStateChangedEvent), typeof(RejectionEvent)], seen.Select(e => e.GetType()));
        Assert.All(seen, e => Assert.Equal(("payments", app.Clock.GetUtcNow()), (e.PipelineName, e.At)));
    }

    [Fact]
    public async Task WatchAsync_of_one_pipeline_is_silent_about_others_and_unknown_names_are_refused()
    {
        await using var app = new TestPipelines(services => services.AddResilience().AddPipeline("a").AddPipeline("b"));
        Assert.Throws<KeyNotFoundException>(() => app.Monitor.WatchAsync("c"));
        var events = app.Monitor.WatchAsync("A");
        app.Control.Isolate("b");
        app.Control.Isolate("a");
        await app.DisposeAsync();
        Assert.Equal("a", Assert.Single(await events.ToListAsync()).PipelineName);
    }

    [Fact]
    public async Task WatchAsync_reader_that_is_too_slow_is_told_how_much_it_missed_and_holds_up_nobody()
    {
        await using var app = TestPipelines.Of(_ => { });
        var events = app.Monitor.WatchAsync();
        for (var i = 0; i < 1_000; i++)
        {
            app.Control.Isolate("payments");
            app.Control.Reset("payments");
        }

        await app.DisposeAsync();
        var seen = await events.ToListAsync();
        Assert.Equal(1_024, seen.OfType<CircuitStateChangedEvent>().Count());
        Assert.Equal(2_000 - 1_024, Assert.Single(seen.OfType<EventsLostEvent>()).Count);
    }

    [Fact]
    public async Task WatchAsync_cancelled_ends_with_the_token_and_the_pipeline_goes_on()
    {
        await using var app = TestPipelines.Of(_ => { });
        using var viewer = new CancellationTokenSource();
        var events = app.Monitor.WatchAsync(cancellationToken: viewer.Token);
        var reading = events.ToListAsync().AsTask();
        await viewer.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => reading);
        app.Control.Isolate("payments");
        Assert.Equal(CircuitState.Isolated, app.Snapshot.CircuitBreaker.State);
    }

    [Fact]
    public async Task Listener_that_is_slow_holds_up_no_call()
    {
        using var gate = new ManualResetEventSlim();
        var slow = new Slow(gate);
        await using var app = TestPipelines.Of(o => (o.Retry.MinWait, o.CircuitBreaker.Mode) = (TimeSpan.Zero, CircuitBreakerMode.Disabled), listeners: slow);
        for (var i = 0; i < 50; i++)
        {
            await new Dependency(Fails(), Answers(1)).ThroughAsync(app.Pipeline); // would never end if a call waited for the listener
        }

        gate.Set();
        await app.DisposeAsync();
        Assert.Equal(50, slow.Heard);
    }

    private sealed class Slow(ManualResetEventSlim gate) : IResilienceListener
    {
        public int Heard { get; private set; }

        public void OnEvent(PipelineEvent e)
        {
            if (e is RetryEvent)
            {
                gate.Wait();
                Heard++;
            }
        }
    }
}
