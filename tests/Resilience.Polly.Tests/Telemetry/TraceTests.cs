using System.Collections.Concurrent;
using System.Diagnostics;
using Microsoft.Extensions.DependencyInjection;
using Polly;
using Resilience.Polly.Tests.Strategies;
using static Resilience.Polly.TestKit.Dependency;

namespace Resilience.Polly.Tests.Telemetry;

/// <summary>One activity a call, its attempts as events in it.</summary>
public sealed class TraceTests : IDisposable
{
    private readonly string _pipeline = $"traced-{Guid.NewGuid():N}"; // activities of other tests are heard too
    private readonly ConcurrentQueue<Activity> _ended = new();
    private readonly ActivityListener _listener;

    public TraceTests()
    {
        _listener = new()
        {
            ShouldListenTo = source => source.Name == "Resilience.Polly",
            Sample = (ref _) => ActivitySamplingResult.AllDataAndRecorded,
            ActivityStopped = activity =>
            {
                if (Equals(activity.GetTagItem("pipeline.name"), _pipeline))
                {
                    _ended.Enqueue(activity);
                }
            },
        };
        ActivitySource.AddActivityListener(_listener);
    }

    [Fact]
    public async Task Call_is_one_activity_with_an_event_for_each_attempt()
    {
        await using var app = App(o => (o.Retry.MinWait, o.Retry.MaxWait, o.Retry.Jitter) = (TimeSpan.FromSeconds(2), TimeSpan.FromSeconds(2), false));
        var call = new Dependency(Fails(), Answers(1)).ThroughAsync(app.Provider.GetPipeline(_pipeline));
        app.Clock.Advance(TimeSpan.FromSeconds(2));
        Assert.Equal(1, (await call).Result);

        var activity = Assert.Single(_ended);
        Assert.Equal($"{_pipeline} call", activity.OperationName);
        Assert.Equal(ActivityStatusCode.Unset, activity.Status);
        Assert.Equal("attempts 2, result succeeded", $"attempts {activity.GetTagItem("call.attempts")}, result {activity.GetTagItem("call.result")}");
        Assert.Equal(
            [
                "attempt: attempt.number=1 attempt.outcome=SocketException (ConnectionRefused) error.type=System.Net.Sockets.SocketException attempt.wait=2",
                "attempt: attempt.number=2 attempt.outcome=result Int32",
            ],
            activity.Events.Select(e => $"{e.Name}: {string.Join(' ', e.Tags.Select(tag => $"{tag.Key}={tag.Value}"))}"));
    }

    [Theory]
    [InlineData(HttpRequestError.Unknown, "System.Net.Http.HttpIOException")]
    [InlineData(HttpRequestError.NameResolutionError, "name_resolution_error")]
    [InlineData(HttpRequestError.ConnectionError, "connection_error")]
    [InlineData(HttpRequestError.SecureConnectionError, "secure_connection_error")]
    [InlineData(HttpRequestError.HttpProtocolError, "http_protocol_error")]
    [InlineData(HttpRequestError.ExtendedConnectNotSupported, "extended_connect_not_supported")]
    [InlineData(HttpRequestError.VersionNegotiationError, "version_negotiation_error")]
    [InlineData(HttpRequestError.UserAuthenticationError, "user_authentication_error")]
    [InlineData(HttpRequestError.ProxyTunnelError, "proxy_tunnel_error")]
    [InlineData(HttpRequestError.InvalidResponse, "invalid_response")]
    [InlineData(HttpRequestError.ResponseEnded, "response_ended")]
    [InlineData(HttpRequestError.ConfigurationLimitExceeded, "configuration_limit_exceeded")]
    public async Task Attempt_that_the_transport_fails_has_the_error_type_of_HttpClient(HttpRequestError error, string expected)
    {
        await using var app = App(o => o.Retry.MaxAttempts = 1);

        await new Dependency(Throws(new HttpIOException(error))).ThroughAsync(app.Provider.GetPipeline(_pipeline));

        Assert.Contains(new("error.type", expected), Assert.Single(Assert.Single(_ended).Events).Tags);
    }

    [Fact]
    public async Task Failed_call_has_status_Error_without_the_message_of_the_failure()
    {
        await using var app = App(o => o.Retry.MaxAttempts = 1);

        await new Dependency(Throws(new HttpRequestException("token=secret", null, System.Net.HttpStatusCode.BadGateway))).ThroughAsync(app.Provider.GetPipeline(_pipeline));

        var activity = Assert.Single(_ended);
        Assert.Equal((ActivityStatusCode.Error, "HTTP 502", "failed"), (activity.Status, activity.StatusDescription, activity.GetTagItem("call.result")));
        Assert.DoesNotContain("secret", string.Join(' ', activity.Events.SelectMany(e => e.Tags).Concat(activity.TagObjects)), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Failed_call_has_the_history_of_its_exception_and_a_good_one_has_none()
    {
        await using var app = App(o => (o.Retry.MaxAttempts, o.Retry.MinWait) = (2, TimeSpan.Zero));
        var failed = await new Dependency(Throws(new HttpRequestException("token=secret", null, System.Net.HttpStatusCode.BadGateway))).ThroughAsync(app.Provider.GetPipeline(_pipeline));
        await new Dependency(Fails(), Answers(1)).ThroughAsync(app.Provider.GetPipeline(_pipeline));
        await new Dependency(Throws(new InvalidOperationException())).ThroughAsync(app.Provider.GetPipeline(_pipeline));

        var history = Assert.IsType<ApiUnavailableException>(failed.Exception).CallHistory;
        Assert.StartsWith("slot after 0 s, circuit closed, attempt 1 HTTP 502 after 0 s", history, StringComparison.Ordinal);
        Assert.Equal([history, null, null], _ended.Select(activity => activity.GetTagItem("call.history")));
        Assert.Equal([502, null, null], _ended.Select(activity => activity.GetTagItem("http.response.status_code")));
    }

    [Fact]
    public async Task Rejected_call_has_no_history_in_its_activity()
    {
        await using var app = App(_ => { });
        app.Control.Isolate(_pipeline);

        var rejected = await new Dependency(Answers(1)).ThroughAsync(app.Provider.GetPipeline(_pipeline));

        Assert.Null(Assert.Single(_ended).GetTagItem("call.history"));
        Assert.Equal("circuit not closed, rejected", Assert.IsType<CircuitOpenException>(rejected.Exception).CallHistory);
    }

    [Fact]
    public async Task Strategy_around_the_call_leaves_the_history_of_the_execution_that_the_call_ended_by()
    {
        await using var app = new TestPipelines(services => services.AddResilience().AddPipeline(
            _pipeline,
            o => (o.Retry.MaxAttempts, o.Retry.MinWait) = (2, TimeSpan.Zero),
            strategies: s => s.AroundCall((builder, _) => builder.AddStrategy(_ => new OwnStrategy(times: 2)))));
        var failed = await new Dependency(Fails(), Fails(), Fails(), Answers(System.Net.HttpStatusCode.BadGateway)).ThroughAsync(app.Provider.GetPipeline(_pipeline));

        var exception = Assert.IsType<ApiUnavailableException>(failed.Exception);
        Assert.Equal(4, exception.Attempts);
        Assert.Matches("^slot after 0 s, circuit closed, attempt 1 SocketException .*, attempt 2 HTTP 502 after 0 s, no attempt left$", exception.CallHistory);
        Assert.Equal(exception.CallHistory, Assert.Single(_ended).GetTagItem("call.history"));
    }

    [Fact]
    public async Task Business_exception_is_no_error_of_the_trace()
    {
        await using var app = App(_ => { });

        await new Dependency(Throws(new InvalidOperationException())).ThroughAsync(app.Provider.GetPipeline(_pipeline));

        Assert.Equal((ActivityStatusCode.Unset, "refused"), (Assert.Single(_ended).Status, _ended.Single().GetTagItem("call.result")));
    }

    [Fact]
    public async Task Rejected_call_has_an_activity_without_attempts()
    {
        await using var app = App(_ => { });
        app.Control.Isolate(_pipeline);

        await new Dependency(Answers(1)).ThroughAsync(app.Provider.GetPipeline(_pipeline));

        var activity = Assert.Single(_ended);
        Assert.Equal((ActivityStatusCode.Error, "circuit_open", 0), (activity.Status, activity.GetTagItem("call.result"), activity.GetTagItem("call.attempts")));
        Assert.Empty(activity.Events);
    }

    [Fact]
    public async Task Activities_of_the_delegate_are_children_and_the_callers_activity_is_current_again()
    {
        await using var app = App(_ => { });
        using var caller = new Activity("caller").Start();
        Activity? inside = null;

        var call = app.Provider.GetPipeline(_pipeline).ExecuteAsync(async _ =>
        {
            await Task.Yield();
            inside = Activity.Current;
        });
        Assert.Same(caller, Activity.Current);
        await call;

        Assert.Same(caller, Activity.Current);
        var activity = Assert.Single(_ended);
        Assert.Same(activity, inside);
        Assert.Equal(caller.SpanId, activity.ParentSpanId);
    }

    public void Dispose() => _listener.Dispose();

    private TestPipelines App(Action<PipelineOptions> configure) => new(services => services.AddResilience().AddPipeline(_pipeline, configure));
}
