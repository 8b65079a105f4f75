using System.Net;
using static Resilience.Polly.TestKit.Dependency;

namespace Resilience.Polly.Tests.Failures;

/// <summary>A 409 with Retry-After: the service is still at work on an earlier attempt of the call.</summary>
public class InFlightTests
{
    private static HttpResponseMessage Conflict(string? retryAfter)
    {
        var response = new HttpResponseMessage(HttpStatusCode.Conflict);
        if (retryAfter is not null)
        {
            response.Headers.TryAddWithoutValidation("Retry-After", retryAfter);
        }

        return response;
    }

    private static HttpStatusException Thrown(string? retryAfter)
    {
        using var response = Conflict(retryAfter);
        return new HttpStatusException(response);
    }

    private static TestPipelines App() => TestPipelines.Of(o => (o.Retry.MaxAttempts, o.Retry.MinWait) = (2, TimeSpan.Zero));

    [Theory]
    [InlineData("0", 2)]
    [InlineData("soon", 1)]
    [InlineData(null, 1)]
    public async Task Conflict_as_an_exception_is_retried_only_with_RetryAfter(string? retryAfter, int attempts)
    {
        await using var app = App();
        var dependency = new Dependency(Throws(Thrown(retryAfter)));

        Assert.IsType<ApiConflictException>((await dependency.ThroughAsync(app.Pipeline)).Exception);

        Assert.Equal(attempts, dependency.Attempts);
    }

    [Theory]
    [InlineData("0", 2)]
    [InlineData("soon", 1)]
    [InlineData(null, 1)]
    public async Task Conflict_as_a_result_is_retried_only_with_RetryAfter(string? retryAfter, int attempts)
    {
        await using var app = App();
        var made = 0;

        using var last = await app.Pipeline.ExecuteAsync(_ =>
        {
            made++;
            return new ValueTask<HttpResponseMessage>(Conflict(retryAfter));
        });

        Assert.Equal((HttpStatusCode.Conflict, attempts), (last.StatusCode, made));
    }

    [Fact]
    public async Task Conflict_that_is_over_gives_the_result()
    {
        await using var app = App();

        Assert.Equal(7, (await new Dependency(Throws(Thrown("0")), Answers(7)).ThroughAsync(app.Pipeline)).Result);
    }

    [Fact]
    public async Task Conflict_without_headers_is_not_retried()
    {
        await using var app = App();
        var dependency = new Dependency(Answers(HttpStatusCode.Conflict));

        await dependency.ThroughAsync(app.Pipeline);

        Assert.Equal(1, dependency.Attempts);
    }

    [Fact]
    public async Task Another_status_with_RetryAfter_is_not_retried()
    {
        await using var app = App();
        using var response = new HttpResponseMessage(HttpStatusCode.BadRequest);
        response.Headers.RetryAfter = new(TimeSpan.Zero);
        var dependency = new Dependency(Throws(new HttpStatusException(response)));

        await dependency.ThroughAsync(app.Pipeline);

        Assert.Equal(1, dependency.Attempts);
    }
}
