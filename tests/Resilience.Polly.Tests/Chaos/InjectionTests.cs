using System.Net;
using System.Net.Sockets;
using Polly;
using static Resilience.Polly.TestKit.Dependency;

namespace Resilience.Polly.Tests.Chaos;

/// <summary>What is injected, and how often.</summary>
public class InjectionTests
{
    [Fact]
    public async Task Fault_looks_like_a_refused_connection_and_says_that_it_is_injected()
    {
        await using var app = ChaosApp.Of(o => o.FaultRate = 1);
        var dependency = new Dependency(Answers(1));

        var failure = Assert.IsType<ApiConnectionException>((await dependency.ThroughAsync(app.Pipeline)).Exception);

        Assert.Contains("could not reach its dependency in 1 attempt", failure.Message, StringComparison.Ordinal);
        var original = Assert.IsType<HttpRequestException>(failure.InnerException);
        Assert.Equal(HttpRequestError.ConnectionError, original.HttpRequestError);
        Assert.Equal(SocketError.ConnectionRefused, Assert.IsType<SocketException>(original.InnerException).SocketErrorCode);
        Assert.Equal("Connection refused, injected by the chaos of pipeline 'payments'.", original.Message);
        Assert.Equal((0, 1L), (dependency.Attempts, app.Snapshot.Calls.Failed));
    }

    [Fact]
    public async Task Outcome_is_a_503_as_exception_for_any_result_and_for_none()
    {
        await using var app = ChaosApp.Of(o => o.OutcomeRate = 1);
        var dependency = new Dependency(Answers(1));

        var number = (await dependency.ThroughAsync(app.Pipeline)).Exception;
        var text = await Record.ExceptionAsync(async () => await app.Pipeline.ExecuteAsync(_ => new ValueTask<string>("good")));
        var nothing = await Record.ExceptionAsync(async () => await app.Pipeline.ExecuteAsync(async token => await dependency.CallAsync(token)));
        var blocking = Record.Exception(() => app.Pipeline.Execute(() => 1));

        Assert.All([number, text, nothing, blocking], exception =>
        {
            var failure = Assert.IsType<ApiUnavailableException>(exception);
            Assert.Equal(HttpStatusCode.ServiceUnavailable, failure.StatusCode);
            Assert.Equal("The service answered 503, injected by the chaos of pipeline 'payments'.", Assert.IsType<HttpStatusException>(failure.InnerException).Message);
        });
        Assert.Equal((0, 4L), (dependency.Attempts, app.Snapshot.Calls.Failed));
    }

    [Fact]
    public async Task Outcome_is_a_503_as_answer_where_answers_are_the_results()
    {
        await using var app = ChaosApp.Of(o => o.OutcomeRate = 1);
        using var answer = await app.Pipeline.ExecuteAsync(_ => new ValueTask<HttpResponseMessage>(new HttpResponseMessage(HttpStatusCode.OK)));
        Assert.Equal((HttpStatusCode.ServiceUnavailable, "Service Unavailable, injected by the chaos of pipeline 'payments'"), (answer.StatusCode, answer.ReasonPhrase));
        Assert.Equal(1, app.Snapshot.Calls.Failed);
    }

    [Fact]
    public async Task Outcome_is_an_exception_where_the_callback_makes_one_of_a_status()
    {
        await using var app = ChaosApp.Of(o => o.OutcomeRate = 1);
        var context = ResilienceContextPool.Shared.Get(TestContext.Current.CancellationToken);
        context.Properties.Set(CallProperties.FailsOnStatus, true);
        var outcome = await app.Pipeline.ExecuteOutcomeAsync(
            static (_, _) => new ValueTask<Outcome<HttpResponseMessage>>(Outcome.FromResult(new HttpResponseMessage(HttpStatusCode.OK))), context, 0);
        Assert.IsType<ApiUnavailableException>(outcome.Exception);
        ResilienceContextPool.Shared.Return(context);
    }

    [Fact]
    public async Task MapExceptions_off_lets_the_injected_failures_through()
    {
        await using var app = ChaosApp.Of(o => o.FaultRate = 1, o => o.MapExceptions = false);
        Assert.IsType<HttpRequestException>((await new Dependency(Answers(1)).ThroughAsync(app.Pipeline)).Exception);
    }

    [Theory]
    [InlineData(true, 0)]
    [InlineData(false, 1)]
    public async Task Nothing_is_injected_at_rate_0_or_while_disabled(bool enabled, double rate)
    {
        await using var app = ChaosApp.Of(o => (o.Enabled, o.FaultRate, o.LatencyRate, o.OutcomeRate) = (enabled, rate, rate, rate));
        var dependency = new Dependency(Answers(1));
        for (var i = 0; i < 1000; i++)
        {
            var call = dependency.ThroughAsync(app.Pipeline);
            Assert.True(call.IsCompleted); // no latency either: nobody moves the clock
            Assert.Null((await call).Exception);
        }

        Assert.Equal(1000, dependency.Attempts);
        Assert.DoesNotContain("chaos", app.Snapshot.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Rates_between_are_met()
    {
        const int calls = 10_000;
        await using var app = ChaosApp.Of(o => (o.FaultRate, o.OutcomeRate) = (0.3, 0.5));
        var dependency = new Dependency(Answers(1));
        int faults = 0, unavailable = 0;
        for (var i = 0; i < calls; i++)
        {
            var failure = (await dependency.ThroughAsync(app.Pipeline)).Exception;
            faults += failure is ApiConnectionException and not ApiUnavailableException ? 1 : 0;
            unavailable += failure is ApiUnavailableException ? 1 : 0;
        }

        // More than six standard deviations to each side. The second rate is that of the 7,000 that drew no fault.
        Assert.InRange(faults, 2700, 3300);
        Assert.InRange(unavailable, 3200, 3800);
        Assert.Equal(calls - faults - unavailable, dependency.Attempts);
    }
}
