using System.Net;
using static Resilience.Polly.TestKit.Dependency;

namespace Resilience.Polly.Tests.Timeouts;

/// <summary>What a pipeline makes of a limit that a transport has hit.</summary>
public class PhaseTimeoutTests
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(3);

    private static TestPipelines App(Recorder? recorder = null) => TestPipelines.Of(
        o => (o.Retry.MaxAttempts, o.Retry.MinWait) = (2, TimeSpan.Zero), listeners: recorder is null ? [] : [recorder]);

    [Theory]
    [InlineData(TimeoutPhase.Connect)]
    [InlineData(TimeoutPhase.Read)]
    [InlineData(TimeoutPhase.Write)]
    public async Task Phase_becomes_a_timeout_with_its_phase_and_limit(TimeoutPhase phase)
    {
        await using var app = App();
        var thrown = new PhaseTimeoutException(phase, Limit);

        var seen = Assert.IsType<ApiTimeoutException>((await new Dependency(Throws(thrown)).ThroughAsync(app.Pipeline)).Exception);

        Assert.Equal((phase, Limit, "payments", 2), (seen.Phase, seen.Limit, seen.PipelineName, seen.Attempts));
        Assert.Same(thrown, seen.InnerException);
        Assert.Contains($"timed out after 3 s ({phase.ToString().ToLowerInvariant()} timeout)", seen.Message);
    }

    [Theory]
    [InlineData(TimeoutPhase.Connect)]
    [InlineData(TimeoutPhase.Read)]
    [InlineData(TimeoutPhase.Write)]
    public async Task Phase_is_retried_and_counts_for_the_circuit(TimeoutPhase phase)
    {
        await using var app = App();
        var dependency = new Dependency(Throws(new PhaseTimeoutException(phase, Limit)));

        await dependency.ThroughAsync(app.Pipeline);

        Assert.Equal((2, 1, 1L), (dependency.Attempts, app.Snapshot.CircuitBreaker.FailureCount, app.Snapshot.Calls.TimedOut));
    }

    [Fact]
    public async Task Pool_becomes_a_pool_timeout_that_speaks_of_connections()
    {
        await using var app = App();
        var thrown = new PhaseTimeoutException(TimeoutPhase.Pool, Limit);

        var seen = Assert.IsType<PoolTimeoutException>((await new Dependency(Throws(thrown)).ThroughAsync(app.Pipeline)).Exception);

        Assert.Equal((TimeoutPhase.Pool, Limit, "payments", 1), (seen.Phase, seen.Limit, seen.PipelineName, seen.Attempts));
        Assert.Same(thrown, seen.InnerException);
        Assert.Contains("no connection of the pool became free within 3 s", seen.Message);
        Assert.DoesNotContain("Bulkhead", seen.Message);
    }

    [Fact]
    public async Task Pool_is_not_retried()
    {
        await using var app = App();
        var dependency = new Dependency(Throws(new PhaseTimeoutException(TimeoutPhase.Pool, Limit)));

        await dependency.ThroughAsync(app.Pipeline);

        Assert.Equal(1, dependency.Attempts);
    }

    [Fact]
    public async Task Pool_leaves_the_circuit_as_it_is()
    {
        await using var app = App();
        await new Dependency(Answers(HttpStatusCode.InternalServerError)).ThroughAsync(app.Pipeline);

        await new Dependency(Throws(new PhaseTimeoutException(TimeoutPhase.Pool, Limit))).ThroughAsync(app.Pipeline);

        Assert.Equal(1, app.Snapshot.CircuitBreaker.FailureCount);
    }

    [Fact]
    public async Task Pool_is_counted_as_a_timeout()
    {
        await using var app = App();

        await new Dependency(Throws(new PhaseTimeoutException(TimeoutPhase.Pool, Limit))).ThroughAsync(app.Pipeline);

        Assert.Equal((1L, 0L), (app.Snapshot.Calls.TimedOut, app.Snapshot.Calls.BulkheadFull));
    }

    [Theory]
    [InlineData(TimeoutPhase.Connect)]
    [InlineData(TimeoutPhase.Read)]
    [InlineData(TimeoutPhase.Write)]
    [InlineData(TimeoutPhase.Pool)]
    public async Task MapExceptions_off_leaves_the_original(TimeoutPhase phase)
    {
        await using var app = TestPipelines.Of(o => (o.MapExceptions, o.Retry.MinWait) = (false, TimeSpan.Zero));
        var thrown = new PhaseTimeoutException(phase, Limit);

        Assert.Same(thrown, (await new Dependency(Throws(thrown)).ThroughAsync(app.Pipeline)).Exception);
    }

    [Fact]
    public async Task Phase_is_named_in_the_reason_of_the_retry()
    {
        var recorder = new Recorder();
        await using var app = App(recorder);

        await new Dependency(Throws(new PhaseTimeoutException(TimeoutPhase.Write, Limit)), Answers(1)).ThroughAsync(app.Pipeline);

        await app.DisposeAsync(); // tells the listener what is still on its way
        Assert.Equal("write timeout after 3 s", Assert.Single(recorder.Retries).Reason);
    }

    [Theory]
    [InlineData(TimeoutPhase.Connect, HttpRequestError.ConnectionError)]
    [InlineData(TimeoutPhase.Read, HttpRequestError.Unknown)]
    [InlineData(TimeoutPhase.Write, HttpRequestError.Unknown)]
    [InlineData(TimeoutPhase.Pool, HttpRequestError.Unknown)]
    public void Exception_is_understood_by_code_that_knows_HttpClient_only(TimeoutPhase phase, HttpRequestError error)
    {
        var cause = new IOException("aborted");

        HttpRequestException seen = new PhaseTimeoutException(phase, Limit, cause);

        Assert.Equal(error, seen.HttpRequestError);
        Assert.Null(seen.StatusCode);
        Assert.Same(cause, Assert.IsType<TimeoutException>(seen.InnerException).InnerException);
        Assert.Equal($"The {phase.ToString().ToLowerInvariant()} timeout of 3 s was hit.", seen.Message);
    }
}
