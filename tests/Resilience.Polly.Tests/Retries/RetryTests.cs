using Polly.CircuitBreaker;
using static Resilience.Polly.TestKit.Dependency;

namespace Resilience.Polly.Tests.Retries;

public class RetryTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(7)]
    public async Task MaxAttempts_counts_the_first_attempt(int attempts)
    {
        await using var app = TestPipelines.Of(o =>
        {
            o.Retry.MaxAttempts = attempts;
            o.Retry.MinWait = TimeSpan.Zero;
        });
        var dependency = new Dependency(Fails());
        var failure = (await dependency.ThroughAsync(app.Pipeline)).Exception;
        Assert.Equal(attempts, dependency.Attempts);
        Assert.Equal(attempts, Assert.IsType<ApiConnectionException>(failure).Attempts);
    }

    [Fact]
    public async Task Wait_without_jitter_doubles_up_to_the_longest()
    {
        var recorder = new Recorder();
        await using var app = TestPipelines.Of(
            o =>
            {
                o.Retry.MaxAttempts = 6;
                o.Retry.MaxWait = TimeSpan.FromSeconds(7);
                o.Retry.Jitter = false;
            },
            listeners: recorder);
        var dependency = new Dependency(Fails());
        var call = dependency.ThroughAsync(app.Pipeline);

        // Each wait ends exactly at its length, not a tick before.
        var expected = new[] { 1, 2, 4, 7, 7 };
        for (var i = 0; i < expected.Length; i++)
        {
            app.Clock.Advance(TimeSpan.FromSeconds(expected[i]) - TimeSpan.FromMilliseconds(1));
            Assert.Equal(i + 1, dependency.Attempts);
            app.Clock.Advance(TimeSpan.FromMilliseconds(1));
            Assert.Equal(i + 2, dependency.Attempts);
        }

        await call;
        await app.DisposeAsync(); // tells the listener what is still on its way
        Assert.Equal(expected, recorder.Retries.Select(r => (int)r.Wait.TotalSeconds));
    }

    [Fact]
    public async Task Wait_with_jitter_is_spread_between_once_and_twice_the_base_and_never_over_the_longest()
    {
        var recorder = new Recorder();
        await using var app = TestPipelines.Of(
            o =>
            {
                o.Retry.MaxAttempts = 5;
                o.Retry.MaxWait = TimeSpan.FromSeconds(7);
                o.Retry.Budget.Enabled = false;
                o.CircuitBreaker.Mode = CircuitBreakerMode.Disabled;
            },
            listeners: recorder);
        for (var i = 0; i < 200; i++)
        {
            var call = new Dependency(Fails()).ThroughAsync(app.Pipeline);
            for (var wait = 0; wait < 4; wait++)
            {
                app.Clock.Advance(TimeSpan.FromSeconds(8));
            }

            await call;
        }

        await app.DisposeAsync(); // tells the listener what is still on its way
        var (from, to) = (new[] { 1.0, 2, 4, 7 }, new[] { 2.0, 4, 7, 7 });
        for (var attempt = 1; attempt <= 4; attempt++)
        {
            var waits = recorder.Retries.Where(r => r.Attempt == attempt).Select(r => r.Wait.TotalSeconds).ToArray();
            Assert.Equal(200, waits.Length);
            Assert.All(waits, wait => Assert.InRange(wait, from[attempt - 1], to[attempt - 1]));
            Assert.True(attempt == 4 || waits.Distinct().Count() > 20, $"attempt {attempt} was not spread");
        }
    }

    [Fact]
    public async Task Wait_ends_at_once_when_the_caller_cancels()
    {
        await using var app = TestPipelines.Of(_ => { });
        using var caller = new CancellationTokenSource();
        var dependency = new Dependency(Fails());
        var call = dependency.ThroughAsync(app.Pipeline, caller.Token);
        await caller.CancelAsync();
        var seen = Assert.IsAssignableFrom<OperationCanceledException>((await call).Exception);
        Assert.Equal(caller.Token, seen.CancellationToken);
        Assert.Equal(1, dependency.Attempts);
        Assert.Equal(0, app.Snapshot.CircuitBreaker.FailureCount);
    }

    [Fact]
    public async Task RetryAfter_lengthens_a_wait()
    {
        var waits = await WaitsFor(new ApiUnavailableException("busy") { RetryAfter = TimeSpan.FromSeconds(9) });
        Assert.Equal(TimeSpan.FromSeconds(9), Assert.Single(waits));
    }

    [Fact]
    public async Task RetryAfter_never_shortens_a_wait()
    {
        var waits = await WaitsFor(new ApiUnavailableException("busy") { RetryAfter = TimeSpan.FromMilliseconds(5) });
        Assert.Equal(TimeSpan.FromSeconds(1), Assert.Single(waits));
    }

    [Fact]
    public async Task RetryAfter_beyond_the_longest_wait_ends_the_retrying()
    {
        Assert.Empty(await WaitsFor(new ApiUnavailableException("busy") { RetryAfter = TimeSpan.FromSeconds(61) }));
    }

    [Fact]
    public async Task RetryAfter_beyond_what_is_left_of_the_total_timeout_ends_the_retrying()
    {
        Assert.Empty(await WaitsFor(new ApiUnavailableException("busy") { RetryAfter = TimeSpan.FromSeconds(20) }, TimeSpan.FromSeconds(20)));
    }

    [Fact]
    public async Task RetryAfter_as_a_date_of_a_response_is_understood()
    {
        var recorder = new Recorder();
        await using var app = TestPipelines.Of(o => o.Retry.MaxAttempts = 2, listeners: recorder);
        var call = app.Pipeline.ExecuteAsync(_ =>
        {
            var response = new HttpResponseMessage(System.Net.HttpStatusCode.ServiceUnavailable);
            response.Headers.RetryAfter = new(app.Clock.GetUtcNow() + TimeSpan.FromSeconds(12));
            return new ValueTask<HttpResponseMessage>(response);
        }).AsTask();
        app.Clock.Advance(TimeSpan.FromSeconds(12));
        using var last = await call;
        await app.DisposeAsync(); // tells the listener what is still on its way
        Assert.Equal(TimeSpan.FromSeconds(12), Assert.Single(recorder.Retries).Wait);
    }

    private static async Task<IEnumerable<TimeSpan>> WaitsFor(Exception failure, TimeSpan? total = null)
    {
        var recorder = new Recorder();
        await using var app = TestPipelines.Of(
            o =>
            {
                o.Retry.MaxAttempts = 2;
                o.Retry.Jitter = false;
                o.Timeout.Total = total;
            },
            listeners: recorder);
        var call = new Dependency(Throws(failure)).ThroughAsync(app.Pipeline);
        app.Clock.Advance(TimeSpan.FromSeconds(10));
        Assert.Same(failure, (await call).Exception);
        await app.DisposeAsync(); // tells the listener what is still on its way
        return recorder.Retries.Select(r => r.Wait);
    }

    [Fact]
    public async Task OpenCircuit_ends_the_retrying_of_calls_that_wait()
    {
        await using var app = TestPipelines.Of(o => o.CircuitBreaker.FailureThreshold = 1);
        var waiting = new Dependency(Fails());
        var call = waiting.ThroughAsync(app.Pipeline);
        await new Dependency(Answers(System.Net.HttpStatusCode.InternalServerError)).ThroughAsync(app.Pipeline); // opens the circuit
        Assert.Equal(CircuitState.Open, app.Snapshot.CircuitBreaker.State);
        app.Clock.Advance(TimeSpan.FromSeconds(2));
        Assert.IsType<ApiConnectionException>((await call).Exception); // the real failure, not the open circuit
        Assert.Equal(1, waiting.Attempts);
    }

    [Fact]
    public async Task Result_given_up_for_a_retry_is_disposed()
    {
        await using var app = TestPipelines.Of(o =>
        {
            o.Retry.MinWait = TimeSpan.Zero;
            o.Failures.RetryResult<Resource>(r => r.IsBad);
        });
        var made = new List<Resource>();
        var result = await app.Pipeline.ExecuteAsync(_ =>
        {
            made.Add(new Resource(IsBad: made.Count < 2));
            return new ValueTask<Resource>(made[^1]);
        });
        Assert.Equal([true, true, false], made.Select(r => r.IsDisposed));
        Assert.Same(made[2], result);
    }

    [Fact]
    public async Task Result_given_up_because_the_caller_cancels_the_wait_is_disposed()
    {
        await using var app = TestPipelines.Of(o => o.Failures.RetryResult<Resource>(r => r.IsBad));
        using var caller = new CancellationTokenSource();
        var made = new Resource(IsBad: true);
        var call = app.Pipeline.ExecuteAsync(_ => new ValueTask<Resource>(made), caller.Token).AsTask();
        await caller.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => call);
        Assert.True(made.IsDisposed);
    }

    private sealed record Resource(bool IsBad) : IDisposable
    {
        public bool IsDisposed { get; private set; }

        public void Dispose() => IsDisposed = true;
    }
}
