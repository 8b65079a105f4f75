using System.Net;
using static Resilience.Polly.TestKit.Dependency;

namespace Resilience.Polly.Tests.Failures;

/// <summary>An answer that is no success, as a transport reports it and as the caller sees it.</summary>
public class HttpStatusExceptionTests
{
    private static readonly ApiProblem Problem = new() { Type = "urn:card", Title = "Card refused", Status = HttpStatusCode.BadRequest, Detail = "expired", Instance = "/1" };

    private static HttpStatusException Answer(HttpStatusCode status, string? retryAfter = null, TimeProvider? clock = null)
    {
        using var response = new HttpResponseMessage(status);
        if (retryAfter is not null)
        {
            Assert.True(response.Headers.TryAddWithoutValidation("Retry-After", retryAfter));
        }

        return new HttpStatusException(response, clock) { Problem = Problem, BodyExcerpt = "secret of the server" };
    }

    private static async Task<Exception> SeenAsync(Exception thrown, bool map = true)
    {
        await using var app = TestPipelines.Of(o => (o.Retry.MaxAttempts, o.MapExceptions) = (1, map));
        return (await new Dependency(Throws(thrown)).ThroughAsync(app.Pipeline)).Exception!;
    }

    [Theory]
    [InlineData("7", 7)]
    [InlineData("0", 0)]
    [InlineData("Thu, 01 Jan 2026 00:00:12 GMT", 12)]
    [InlineData("Wed, 31 Dec 2025 23:59:00 GMT", 0)] // over already
    [InlineData("soon", null)]
    [InlineData("-3", null)]
    [InlineData("", null)]
    [InlineData(null, null)]
    public void RetryAfter_is_read_in_seconds_and_as_a_date_and_null_where_it_is_malformed(string? header, int? seconds)
    {
        var clock = new TestClock(new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero));

        Assert.Equal(seconds, (int?)Answer(HttpStatusCode.ServiceUnavailable, header, clock).RetryAfter?.TotalSeconds);
    }

    [Fact]
    public void Null_answer_is_refused() => Assert.Throws<ArgumentNullException>("response", () => new HttpStatusException(null!));

    [Fact]
    public void Exception_is_understood_by_code_that_knows_HttpClient_only()
    {
        HttpRequestException seen = Answer(HttpStatusCode.BadGateway);

        Assert.Equal((HttpStatusCode.BadGateway, "The service answered 502."), (seen.StatusCode, seen.Message));
    }

    [Theory]
    [InlineData(408, typeof(ApiUnavailableException))]
    [InlineData(429, typeof(ApiUnavailableException))]
    [InlineData(502, typeof(ApiUnavailableException))]
    [InlineData(503, typeof(ApiUnavailableException))]
    [InlineData(504, typeof(ApiUnavailableException))]
    [InlineData(400, typeof(InvalidRequestException))]
    [InlineData(422, typeof(InvalidRequestException))]
    [InlineData(401, typeof(ApiUnauthorizedException))]
    [InlineData(403, typeof(ApiForbiddenException))]
    [InlineData(404, typeof(NotFoundException))]
    [InlineData(409, typeof(ApiConflictException))]
    [InlineData(302, typeof(ApiStatusException))]
    [InlineData(500, typeof(ApiServerErrorException))]
    [InlineData(599, typeof(ApiServerErrorException))]
    public async Task Status_becomes_the_exception_of_that_status_with_the_body_beside_its_message(int status, Type expected)
    {
        var thrown = Answer((HttpStatusCode)status);

        var seen = await SeenAsync(thrown);

        Assert.IsType(expected, seen);
        Assert.Same(thrown, seen.InnerException);
        var (code, problem, excerpt) = seen switch
        {
            ApiUnavailableException unavailable => (unavailable.StatusCode, unavailable.Problem, unavailable.BodyExcerpt),
            ApiServerErrorException broken => (broken.StatusCode, broken.Problem, broken.BodyExcerpt),
            _ => (((ApiStatusException)seen).StatusCode, ((ApiStatusException)seen).Problem, ((ApiStatusException)seen).BodyExcerpt),
        };
        Assert.Equal(((HttpStatusCode)status, Problem, "secret of the server"), (code, problem, excerpt));
        Assert.DoesNotContain("secret", seen.Message);
        Assert.DoesNotContain("Card", seen.Message);
    }

    [Fact]
    public async Task RetryAfter_is_read_through()
    {
        var seen = await SeenAsync(Answer(HttpStatusCode.ServiceUnavailable, "7"));

        Assert.Equal(TimeSpan.FromSeconds(7), Assert.IsType<ApiUnavailableException>(seen).RetryAfter);
    }

    [Fact]
    public void Properties_that_were_set_come_before_those_of_the_exception_inside()
    {
        var inner = Answer(HttpStatusCode.ServiceUnavailable, "7");
        var other = new ApiProblem { Title = "other" };

        var unavailable = new ApiUnavailableException("", inner) { RetryAfter = TimeSpan.FromSeconds(1), Problem = other, BodyExcerpt = "mine" };
        var refused = new InvalidRequestException("", inner) { Problem = other, BodyExcerpt = "mine" };

        Assert.Equal((TimeSpan.FromSeconds(1), other, "mine"), (unavailable.RetryAfter, unavailable.Problem, unavailable.BodyExcerpt));
        Assert.Equal((other, "mine"), (refused.Problem, refused.BodyExcerpt));
    }

    [Fact]
    public void Properties_without_an_answer_inside_are_null()
    {
        var unavailable = new ApiUnavailableException("", new HttpRequestException("", null, HttpStatusCode.ServiceUnavailable));

        Assert.Null(unavailable.RetryAfter);
        Assert.Null(unavailable.Problem);
        Assert.Null(unavailable.BodyExcerpt);
    }

    [Fact]
    public async Task RetryAfter_lengthens_the_wait()
    {
        var recorder = new Recorder();
        await using var app = TestPipelines.Of(o => o.Retry.MaxAttempts = 2, listeners: recorder);

        var call = new Dependency(Throws(Answer(HttpStatusCode.ServiceUnavailable, "9")), Answers(1)).ThroughAsync(app.Pipeline);
        app.Clock.Advance(TimeSpan.FromSeconds(9));

        Assert.Equal(1, (await call).Result);
        await app.DisposeAsync(); // tells the listener what is still on its way
        Assert.Equal((TimeSpan.FromSeconds(9), "HTTP 503"), (Assert.Single(recorder.Retries).Wait, recorder.Retries.Single().Reason));
    }

    [Fact]
    public async Task MapExceptions_off_leaves_the_original()
    {
        var thrown = Answer(HttpStatusCode.NotFound);

        Assert.Same(thrown, await SeenAsync(thrown, map: false));
    }
}
