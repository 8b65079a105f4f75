using System.Globalization;
using System.Net;
using Microsoft.Extensions.Time.Testing;

namespace Resilience.Polly.Tests.Failures;

/// <summary>What a transport reports as facts, and what pipelines make of it.</summary>
public class TransportFailureTests
{
    private static readonly DateTimeOffset Now = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private static HttpResponseMessage Response(int status, string? retryAfter = null)
    {
        var response = new HttpResponseMessage((HttpStatusCode)status);
        if (retryAfter is not null)
        {
            response.Headers.TryAddWithoutValidation("Retry-After", retryAfter);
        }

        return response;
    }

    private static HttpStatusException Answer(int status, string? retryAfter = null) => new(Response(status, retryAfter), new FakeTimeProvider(Now))
    {
        BodyExcerpt = "excerpt", Problem = new ApiProblem { Title = "title" },
    };

    [Theory]
    [InlineData(TimeoutPhase.Connect)]
    [InlineData(TimeoutPhase.Read)]
    [InlineData(TimeoutPhase.Write)]
    public async Task PhaseTimeoutException_is_retried_and_becomes_ApiTimeoutException(TimeoutPhase phase)
    {
        await using var app = TestPipelines.Of(o => (o.Retry.MaxAttempts, o.Retry.MinWait) = (2, TimeSpan.Zero));
        var thrown = new PhaseTimeoutException(phase, TimeSpan.FromSeconds(3));
        var seen = Assert.IsType<ApiTimeoutException>((await new Dependency(Dependency.Throws(thrown)).ThroughAsync(app.Pipeline)).Exception);
        Assert.Equal((phase, TimeSpan.FromSeconds(3), 2), (seen.Phase, seen.Limit, seen.Attempts));
        Assert.Same(thrown, seen.InnerException);
        Assert.Equal((1, 1), (app.Snapshot.Calls.TimedOut, app.Snapshot.CircuitBreaker.FailureCount));
    }

    [Fact]
    public async Task PhaseTimeoutException_of_the_pool_becomes_PoolTimeoutException_is_not_retried_and_says_nothing_of_the_dependency()
    {
        await using var app = TestPipelines.Of(_ => { });
        var dependency = new Dependency(Dependency.Throws(new PhaseTimeoutException(TimeoutPhase.Pool, TimeSpan.FromSeconds(3))));
        var seen = Assert.IsType<PoolTimeoutException>((await dependency.ThroughAsync(app.Pipeline)).Exception);
        Assert.Equal((TimeoutPhase.Pool, TimeSpan.FromSeconds(3), 1), (seen.Phase, seen.Limit, dependency.Attempts));
        Assert.Contains("no connection of the pool became free within 3 s", seen.Message);
        Assert.Contains("allow more connections per server", seen.Message);
        Assert.Equal((1, 0), (app.Snapshot.Calls.TimedOut, app.Snapshot.CircuitBreaker.FailureCount));
    }

    [Fact]
    public void PhaseTimeoutException_is_understood_by_code_that_knows_nothing_of_it()
    {
        var cause = new OperationCanceledException();
        HttpRequestException thrown = new PhaseTimeoutException(TimeoutPhase.Connect, TimeSpan.FromSeconds(3), cause);
        Assert.Equal(HttpRequestError.ConnectionError, thrown.HttpRequestError);
        Assert.Same(cause, Assert.IsType<TimeoutException>(thrown.InnerException).InnerException);
        Assert.Equal("The connect timeout of 3 s was hit.", thrown.Message);
    }

    public static TheoryData<string?, int?> RetryAfters => new()
    {
        { "7", 7 },
        { Now.AddSeconds(8).ToString("r", CultureInfo.InvariantCulture), 8 },
        { "soon", null },
        { "-5", null },
        { null, null },
    };

    [Theory]
    [MemberData(nameof(RetryAfters))]
    public async Task HttpStatusException_brings_RetryAfter_in_either_form(string? header, int? seconds)
    {
        await using var app = TestPipelines.Of(o => o.Retry.MaxAttempts = 1);
        var seen = Assert.IsType<ServiceUnavailableException>((await new Dependency(Dependency.Throws(Answer(503, header))).ThroughAsync(app.Pipeline)).Exception);
        Assert.Equal(seconds is { } s ? TimeSpan.FromSeconds(s) : null, seen.RetryAfter);
        Assert.Equal((HttpStatusCode.ServiceUnavailable, "excerpt", "title"), (seen.StatusCode, seen.BodyExcerpt, seen.Problem?.Title));
        Assert.DoesNotContain("excerpt", seen.ToString());
    }

    [Fact]
    public async Task HttpStatusException_RetryAfter_lengthens_the_wait_and_one_beyond_MaxWait_ends_the_retrying()
    {
        var recorder = new Recorder();
        await using var app = TestPipelines.Of(o => (o.Retry.MaxAttempts, o.Retry.MaxWait) = (2, TimeSpan.FromSeconds(60)), listeners: recorder);
        var call = new Dependency(Dependency.Throws(Answer(503, "50")), Dependency.Answers(1)).ThroughAsync(app.Pipeline);
        app.Clock.Advance(TimeSpan.FromSeconds(50));
        Assert.Null((await call).Exception);
        Assert.Equal(TimeSpan.FromSeconds(50), Assert.Single(recorder.Retries).Wait);

        var hour = new Dependency(Dependency.Throws(Answer(503, "3600")));
        await hour.ThroughAsync(app.Pipeline);
        Assert.Equal(1, hour.Attempts);
    }

    [Theory]
    [InlineData(404, typeof(NotFoundException))]
    [InlineData(422, typeof(InvalidRequestException))]
    [InlineData(500, typeof(ApiStatusException))]
    public async Task HttpStatusException_of_a_wrong_request_becomes_its_exception_with_details(int status, Type expected)
    {
        await using var app = TestPipelines.Of(_ => { });
        var thrown = Answer(status);
        var seen = Assert.IsAssignableFrom<ApiStatusException>((await new Dependency(Dependency.Throws(thrown)).ThroughAsync(app.Pipeline)).Exception);
        Assert.IsType(expected, seen);
        Assert.Same(thrown, seen.InnerException);
        Assert.Equal(((HttpStatusCode)status, "excerpt", "title"), (seen.StatusCode, seen.BodyExcerpt, seen.Problem?.Title));
    }

    [Theory]
    [InlineData("0", 2)]
    [InlineData(null, 1)]
    public async Task Conflict_is_retried_when_the_service_asks_for_it(string? retryAfter, int attempts)
    {
        await using var app = TestPipelines.Of(o => (o.Retry.MaxAttempts, o.Retry.MinWait) = (2, TimeSpan.Zero));
        var thrown = new Dependency(Dependency.Throws(Answer(409, retryAfter)));
        Assert.IsType<ConflictException>((await thrown.ThroughAsync(app.Pipeline)).Exception);
        Assert.Equal(attempts, thrown.Attempts);

        var returned = 0;
        using var response = await app.Pipeline.ExecuteAsync(_ =>
        {
            returned++;
            return new ValueTask<HttpResponseMessage>(Response(409, retryAfter));
        });
        Assert.Equal(attempts, returned);
    }

    [Fact]
    public async Task MapExceptions_off_leaves_both_as_they_are()
    {
        await using var app = TestPipelines.Of(o => (o.MapExceptions, o.Retry.MaxAttempts) = (false, 1));
        foreach (var thrown in new Exception[] { new PhaseTimeoutException(TimeoutPhase.Pool, TimeSpan.FromSeconds(1)), Answer(503) })
        {
            Assert.Same(thrown, (await new Dependency(Dependency.Throws(thrown)).ThroughAsync(app.Pipeline)).Exception);
        }
    }

    [Fact]
    public void Map_does_outside_of_a_pipeline_what_a_pipeline_does()
    {
        var mapped = Assert.IsType<ApiTimeoutException>(ApiFailures.Map(new PhaseTimeoutException(TimeoutPhase.Read, TimeSpan.FromSeconds(1)), "payments", "id", 2));
        Assert.Equal(("payments", "id", 2, TimeoutPhase.Read), (mapped.PipelineName, mapped.RequestId, mapped.Attempts, mapped.Phase));
        var other = new InvalidOperationException();
        Assert.Same(other, ApiFailures.Map(other, "payments", null, 1));
        Assert.Throws<ArgumentNullException>(() => ApiFailures.Map(null!, "payments", null, 1));
        Assert.Throws<ArgumentNullException>(() => ApiFailures.Map(other, null!, null, 1));
    }
}
