using System.Net;
using System.Net.Sockets;
using Polly;
using static Resilience.Polly.TestKit.Dependency;

namespace Resilience.Polly.Tests.Retries;

/// <summary>How many attempts a call makes, by its own number, by what was sent, and after which wait.</summary>
public class CallLimitTests
{
    private static readonly Exception Refused = new SocketException((int)SocketError.ConnectionRefused);
    private static readonly Exception Broken = new HttpRequestException("", null, HttpStatusCode.ServiceUnavailable);

    private static TestPipelines App(Action<PipelineOptions>? more = null) => TestPipelines.Of(o =>
    {
        (o.Retry.MinWait, o.Retry.Budget.Enabled, o.CircuitBreaker.Mode) = (TimeSpan.Zero, false, CircuitBreakerMode.Disabled);
        more?.Invoke(o);
    });

    private static async Task<(int Attempts, Exception? Exception)> CallAsync(TestPipelines app, int? maxAttempts, Func<int, Exception> fails)
    {
        var (attempts, context) = (0, ResilienceContextPool.Shared.Get());
        if (maxAttempts is { } most)
        {
            context.Properties.Set(CallProperties.MaxAttempts, most);
        }

        var outcome = await app.Pipeline.ExecuteOutcomeAsync((_, _) => ValueTask.FromResult(Outcome.FromException<int>(fails(++attempts))), context, 0);
        ResilienceContextPool.Shared.Return(context);
        return (attempts, outcome.Exception);
    }

    [Theory]
    [InlineData(null, 3)]
    [InlineData(1, 1)]
    [InlineData(2, 2)]
    [InlineData(7, 7)]
    [InlineData(100, 100)]
    public async Task MaxAttempts_of_the_call_comes_before_that_of_the_pipeline(int? own, int attempts)
    {
        await using var app = App();
        Assert.Equal(attempts, (await CallAsync(app, own, _ => Broken)).Attempts);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    [InlineData(101)]
    public async Task MaxAttempts_out_of_range_is_refused_before_anything_is_done(int own)
    {
        await using var app = App();
        var (attempts, exception) = await CallAsync(app, own, _ => Broken);
        Assert.Contains("1 to 100", Assert.IsType<ArgumentOutOfRangeException>(exception).Message, StringComparison.Ordinal);
        Assert.Equal((0, 0L), (attempts, app.Snapshot.Lifetime.Total));
    }

    [Theory]
    [InlineData("RRRRRRRR", 2, 5, null, 5)] // only to connect
    [InlineData("BBBBBBBB", 2, 5, null, 2)]
    [InlineData("RRRBRBBB", 2, 5, null, 6)] // counted apart
    [InlineData("RRRRBBBB", 2, 5, null, 6)]
    [InlineData("RRRRRRRR", 3, 1, null, 1)] // fails fast
    [InlineData("BRRRRRRR", 3, 1, null, 2)]
    [InlineData("RRRRRRRR", 1, 3, null, 3)]
    [InlineData("RRRRRRRR", 2, 5, 1, 1)] // the call has the last word
    [InlineData("RRRRRRRR", 2, 5, 4, 4)]
    public async Task MaxConnectAttempts_counts_apart_what_was_not_sent(string failures, int max, int connects, int? own, int attempts)
    {
        await using var app = App(o => (o.Retry.MaxAttempts, o.Retry.MaxConnectAttempts) = (max, connects));
        Assert.Equal(attempts, (await CallAsync(app, own, n => failures[n - 1] == 'R' ? Refused : Broken)).Attempts);
    }

    [Fact]
    public async Task MaxConnectAttempts_any_sequence_keeps_to_a_plain_count()
    {
        var seed = Environment.TickCount;
        var random = new Random(seed);
        for (var run = 0; run < 200; run++)
        {
            int max = random.Next(1, 6), connects = random.Next(1, 6);
            var refused = Enumerable.Range(0, 20).Select(_ => random.Next(2) == 0).ToArray();
            await using var app = App(o => (o.Retry.MaxAttempts, o.Retry.MaxConnectAttempts) = (max, connects));
            var expected = Enumerable.Range(1, 20).First(n =>
                refused[n - 1] ? refused.Take(n).Count(r => r) == connects : refused.Take(n).Count(r => !r) == max);
            var (attempts, _) = await CallAsync(app, null, n => refused[n - 1] ? Refused : Broken);
            Assert.True(expected == attempts, $"seed {seed}, run {run}: {attempts} attempts in place of {expected}");
        }
    }

    [Fact]
    public async Task DelayGenerator_gives_the_wait_and_sees_the_attempt()
    {
        var seen = new List<(int, Exception?, TimeSpan)>();
        await using var app = App(o => (o.Retry.Jitter, o.Retry.MinWait, o.Retry.DelayGenerator) = (false, TimeSpan.FromSeconds(1), a =>
        {
            seen.Add((a.Attempt, a.Exception, a.UsualWait));
            return TimeSpan.Zero;
        }));
        Assert.Equal(3, (await CallAsync(app, null, _ => Broken)).Attempts); // on a clock that nobody moves
        Assert.Equal([(1, Broken, TimeSpan.FromSeconds(1)), (2, Broken, TimeSpan.FromSeconds(2))], seen);
    }

    [Theory]
    [InlineData(null, 3)] // the usual wait, which is zero here
    [InlineData(61.0, 1)] // over MaxWait
    public async Task DelayGenerator_is_bounded_by_MaxWait_and_may_have_no_opinion(double? seconds, int attempts)
    {
        await using var app = App(o => o.Retry.DelayGenerator = _ => seconds is { } s ? TimeSpan.FromSeconds(s) : null);
        Assert.Equal(attempts, (await CallAsync(app, null, _ => Broken)).Attempts);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task DelayGenerator_that_is_faulty_is_the_outcome_and_loses_no_slot(bool throws)
    {
        await using var app = App(o => o.Retry.DelayGenerator = _ => throws ? throw new InvalidOperationException("mine") : TimeSpan.FromSeconds(-1));
        var (attempts, exception) = await CallAsync(app, null, _ => Broken);
        Assert.Contains(throws ? "mine" : "00:00:00 to 1.00:00:00", Assert.IsType<InvalidOperationException>(exception).Message, StringComparison.Ordinal);
        Assert.Equal((1, 0), (attempts, app.Snapshot.Bulkhead.InUse));
    }

    [Fact]
    public async Task DelayGenerator_is_in_the_copy_of_the_settings()
    {
        Func<RetryDelayArguments, TimeSpan?> generator = _ => null;
        await using var app = App(o => o.Retry.DelayGenerator = generator);
        Assert.Same(generator, app.Snapshot.Options.Retry.DelayGenerator);
    }

    [Theory]
    [InlineData(true, 1)] // over MaxWait: at once the last one
    [InlineData(false, 3)]
    public async Task UseRetryAfter_says_whether_the_service_is_heard(bool use, int attempts)
    {
        await using var app = App(o => o.Retry.UseRetryAfter = use);
        Assert.Equal(attempts, (await CallAsync(app, null, _ => new ApiUnavailableException("", null, HttpStatusCode.ServiceUnavailable) { RetryAfter = TimeSpan.FromHours(1) })).Attempts);
    }

    [Theory]
    [InlineData("GET", true)]
    [InlineData("GET, head,PUT", true)]
    [InlineData("", false)]
    [InlineData("GET,,PUT", false)]
    [InlineData("GET PUT", false)]
    public async Task Methods_are_a_list_of_tokens(string methods, bool isAllowed)
    {
        await using var app = App(o => o.Retry.Methods = methods);
        var refused = Record.Exception(() => app.Pipeline);
        Assert.Equal(isAllowed, refused is not ResilienceConfigurationException);
    }

    [Fact]
    public async Task Retried_calls_are_told_apart_by_how_they_ended()
    {
        await using var app = App();
        await new Dependency(Fails(), Answers(1)).ThroughAsync(app.Pipeline);
        await new Dependency(Answers(1)).ThroughAsync(app.Pipeline);
        await new Dependency(Fails()).ThroughAsync(app.Pipeline);
        await new Dependency(Fails(), Throws(new FormatException())).ThroughAsync(app.Pipeline); // refused
        var calls = app.Snapshot.Calls;
        Assert.Equal((3L, 1L, 1L), (calls.Retried, calls.RetriedAndSucceeded, calls.RetriedAndFailed));
    }

    [Fact]
    public async Task RetryBudget_balance_is_what_can_be_withdrawn()
    {
        await using var app = App(o => (o.Retry.Budget.Enabled, o.Retry.Budget.ReservePerSecond, o.Retry.MaxAttempts) = (true, 1, 100));
        Assert.Equal((0L, 10L), (app.Snapshot.RetryBudget!.Value.Retries, app.Snapshot.RetryBudget!.Value.Available));
        Assert.Equal(11, (await CallAsync(app, null, _ => Broken)).Attempts);
        Assert.Equal((10L, 0L), (app.Snapshot.RetryBudget!.Value.Retries, app.Snapshot.RetryBudget!.Value.Available));
        app.Clock.Advance(TimeSpan.FromSeconds(20));
        Assert.Equal(10, app.Snapshot.RetryBudget!.Value.Available);

        await using var off = App();
        Assert.Null(off.Snapshot.RetryBudget);
    }

    [Fact]
    public async Task CallHistory_tells_attempts_waits_and_why_it_ended_without_messages()
    {
        await using var app = App(o => (o.Retry.MaxAttempts, o.CircuitBreaker.Mode) = (2, CircuitBreakerMode.Enforce));
        var (_, exception) = await CallAsync(app, null, n => n == 1
            ? new PhaseTimeoutException(TimeoutPhase.Read, TimeSpan.FromSeconds(30))
            : new HttpRequestException("secret", null, HttpStatusCode.ServiceUnavailable));
        Assert.Equal(
            "slot after 0 s, circuit closed, attempt 1 read timeout after 30 s, waited 0 s, attempt 2 HTTP 503 after 0 s, no attempt left",
            ((ApiCallException)exception!).CallHistory);
    }

    [Fact]
    public async Task CallHistory_of_the_spent_budget_is_that_of_this_call_alone()
    {
        await using var app = App(o => (o.Retry.Budget.Enabled, o.Retry.Budget.ReservePerSecond, o.Retry.Budget.Ratio) = (true, 0, 0));
        await new Dependency(Fails()).ThroughAsync(app.Pipeline);
        var (_, exception) = await CallAsync(app, null, _ => Refused);
        Assert.Equal("slot after 0 s, attempt 1 SocketException (ConnectionRefused) after 0 s, retry budget spent", ((ApiCallException)exception!).CallHistory);
    }

    [Fact]
    public async Task CallHistory_of_the_event_is_that_of_the_exception()
    {
        var recorder = new Recorder();
        await using var app = TestPipelines.Of(
            o => (o.Retry.MinWait, o.Retry.Budget.ReservePerSecond, o.Retry.Budget.Ratio, o.Retry.Budget.Window) = (TimeSpan.Zero, 1, 0, TimeSpan.FromSeconds(1)), null, recorder);
        var (_, exception) = await CallAsync(app, null, _ => Refused);
        await app.DisposeAsync(); // delivers the events that still wait
        var spent = Assert.Single(recorder.BudgetsSpent);
        Assert.EndsWith(", retry budget spent", spent.CallHistory, StringComparison.Ordinal);
        Assert.Equal(((ApiCallException)exception!).CallHistory, spent.CallHistory);
    }

    [Fact]
    public async Task CallHistory_of_a_rejected_call_names_the_circuit()
    {
        await using var app = App(o => o.CircuitBreaker.Mode = CircuitBreakerMode.Enforce);
        app.Control.Isolate(TestPipelines.Name);
        Assert.Equal("circuit not closed, rejected", ((ApiCallException)(await CallAsync(app, null, _ => Broken)).Exception!).CallHistory);
        Assert.Null(new ApiConnectionException("mine").CallHistory);
    }
}
