using System.Net;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Moq;
using Polly;
using Polly.CircuitBreaker;
using static Resilience.Polly.TestKit.Dependency;

namespace Resilience.Polly.Tests.Monitoring;

public class ListenerTests
{
    [Fact]
    public async Task OnEvent_of_a_retry_tells_attempt_wait_and_reason()
    {
        var listener = new Mock<IResilienceListener>();
        await using var app = TestPipelines.Of(o => o.Retry.MinWait = TimeSpan.Zero, listeners: listener.Object);
        await new Dependency(Answers(HttpStatusCode.BadGateway), Answers(1)).ThroughAsync(app.Pipeline);
        await app.DisposeAsync();
        listener.Verify(l => l.OnEvent(It.Is<RetryEvent>(e =>
            e.PipelineName == "payments" && e.Attempt == 1 && e.Wait == TimeSpan.Zero && e.Reason == "HTTP 502" && e.Exception is HttpRequestException)), Times.Once);
        listener.VerifyNoOtherCalls();
    }

    [Fact]
    public async Task OnEvent_of_the_circuit_tells_every_transition_in_order_with_its_reason()
    {
        var recorder = new Recorder();
        await using var app = TestPipelines.Of(o => (o.CircuitBreaker.FailureThreshold, o.Retry.MaxAttempts) = (1, 1), listeners: recorder);
        await new Dependency(Fails()).ThroughAsync(app.Pipeline);
        app.Clock.Advance(TimeSpan.FromSeconds(30));
        await new Dependency(Answers(HttpStatusCode.InternalServerError)).ThroughAsync(app.Pipeline);
        app.Clock.Advance(TimeSpan.FromSeconds(30));
        await new Dependency(Answers(1)).ThroughAsync(app.Pipeline);
        app.Control.Isolate("payments");
        app.Control.Isolate("payments");
        app.Control.Reset("payments");
        app.Control.Reset("payments");
        var last = app.Snapshot.CircuitBreaker.LastTransition;
        await app.DisposeAsync();
        Assert.Equal(
            [
                "Closed > Open: 1 failure, the last: SocketException (ConnectionRefused)",
                "Open > HalfOpen: 30 s are over, one call may probe",
                "HalfOpen > Open: the probe failed: HTTP 500",
                "Open > HalfOpen: 30 s are over, one call may probe",
                "HalfOpen > Closed: the probe succeeded",
                "Closed > Isolated: isolated by hand",
                "Isolated > Closed: reset by hand",
            ],
            recorder.Transitions.Select(t => $"{t.From} > {t.To}: {t.Reason}"));
        Assert.Equal(recorder.Transitions.Last(), last);
        Assert.Equal(recorder.Transitions.Select(t => t.Sequence).Order(), recorder.Transitions.Select(t => t.Sequence));
        Assert.Equal([false, false, false, false, false, true, true], recorder.Transitions.Select(t => t.IsManual));
    }

    [Fact]
    public async Task OnEvent_of_a_rejection_tells_by_what()
    {
        var recorder = new Recorder();
        await using var app = TestPipelines.Of(
            o => (o.Bulkhead.MaxConcurrency, o.Bulkhead.AcquisitionTimeout) = (1, TimeSpan.Zero), listeners: recorder);
        var gate = new TaskCompletionSource();
        var holder = app.Pipeline.ExecuteAsync(async _ => await gate.Task).AsTask();
        await new Dependency(Answers(1)).ThroughAsync(app.Pipeline);
        gate.SetResult();
        await holder;
        app.Control.Isolate("payments");
        await new Dependency(Answers(1)).ThroughAsync(app.Pipeline);
        await app.DisposeAsync();
        var now = app.Clock.GetUtcNow();
        Assert.Equal(
            [("payments", now, RejectedBy.Bulkhead, null, null), ("payments", now, RejectedBy.CircuitBreaker, null, null)],
            recorder.Rejections.Select(e => (e.PipelineName, e.At, e.By, e.RetryAfter, e.RequestId)));
    }

    [Fact]
    public async Task Events_of_a_call_carry_its_request_id()
    {
        var recorder = new Recorder();
        await using var app = TestPipelines.Of(
            o => (o.Retry.MinWait, o.CircuitBreaker.FailureThreshold) = (TimeSpan.Zero, 1), listeners: recorder);
        var context = ResilienceContextPool.Shared.Get();
        context.Properties.Set(CallProperties.RequestId, "order-17");
        for (var call = 0; call < 2; call++)
        {
            await app.Pipeline.ExecuteOutcomeAsync<int, int>((_, _) => throw new TimeoutException(), context, 0);
        }

        ResilienceContextPool.Shared.Return(context);
        await app.DisposeAsync();
        Assert.Equal(["order-17", "order-17"], recorder.Retries.Select(e => e.RequestId));
        Assert.Equal("order-17", Assert.Single(recorder.Rejections).RequestId);
    }

    [Fact]
    public async Task Listener_that_throws_harms_neither_the_call_nor_the_others()
    {
        var log = new LogRecorder();
        var faulty = new Mock<IResilienceListener>();
        faulty.Setup(l => l.OnEvent(It.IsAny<RetryEvent>())).Throws(new InvalidOperationException("my bug"));
        faulty.Setup(l => l.OnEvent(It.IsAny<CircuitStateChangedEvent>())).Throws(new InvalidOperationException("my bug"));
        faulty.Setup(l => l.OnEvent(It.IsAny<RejectionEvent>())).Throws(new InvalidOperationException("my bug"));
        var recorder = new Recorder();
        await using var app = new TestPipelines(services =>
        {
            services.AddLogging(logging => logging.AddProvider(log));
            services.AddResilience()
                .AddListener(faulty.Object)
                .AddListener(recorder)
                .AddPipeline("payments", o => (o.CircuitBreaker.FailureThreshold, o.Retry.MinWait) = (1, TimeSpan.Zero));
        });
        var dependency = new Dependency(Fails());
        await dependency.ThroughAsync(app.Pipeline);
        Assert.IsType<CircuitOpenException>((await dependency.ThroughAsync(app.Pipeline)).Exception);
        await app.DisposeAsync();
        Assert.Equal((3, 2, 1, 1), (dependency.Attempts, recorder.Retries.Count, recorder.Transitions.Count, recorder.Rejections.Count));
        Assert.Equal(4, log.Lines.Count(line => line.StartsWith("Error: A resilience listener failed", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task AddListener_by_type_is_one_singleton()
    {
        await using var app = new TestPipelines(services => services.AddResilience().AddListener<Recorder>().AddListener<Recorder>().AddPipeline("payments"));
        Assert.Single(app.Services.GetServices<IResilienceListener>());
    }

    [Fact]
    public async Task Snapshot_is_a_copy()
    {
        await using var app = TestPipelines.Of(_ => { });
        app.Snapshot.Options.Retry.MaxAttempts = 99;
        app.Snapshot.Options.Failures.DoNotRetry<TimeoutException>();
        Assert.Equal(3, app.Snapshot.Options.Retry.MaxAttempts);
        Assert.Equal(CircuitState.Closed, app.Snapshot.CircuitBreaker.State);
    }
}
