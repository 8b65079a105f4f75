using System.Net;
using System.Net.Http.Headers;
using Microsoft.AspNetCore.Diagnostics;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Polly.RateLimiting;

namespace Resilience.Polly.Tests;

/// <summary>The table of the page on problem details says what callers get.</summary>
public class ProblemDocsTests
{
    // By the beginning of the cell: each exception of it with its Retry-After.
    private static readonly Dictionary<string, (Exception Failure, string? RetryAfter)[]> Rows = new()
    {
        ["`CircuitOpenException`"] = [(new CircuitOpenException("") { RetryAfter = TimeSpan.FromSeconds(12) }, "12"), (new CircuitOpenException(""), "30")],
        ["`PoolTimeoutException`"] = [(new PoolTimeoutException(""), "1"), (new PoolTimeoutException("", new RateLimiterRejectedException(TimeSpan.FromSeconds(9))), "9")],
        ["any other `ApiTimeoutException`"] = [(new ApiTimeoutException(""), null)],
        ["`ApiUnavailableException`: the service answered 429 or 503"] =
            [(Unavailable(429, 5), "5"), (Unavailable(503, 5), "5"), (Unavailable(429), null), (Unavailable(503), null)],
        ["`ApiUnavailableException`: the service answered 408, 502 or 504"] = [(Unavailable(408, 5), null), (Unavailable(502, 5), null), (Unavailable(504, 5), null)],
        ["any other `ApiConnectionException`: refused, reset, DNS"] = [(new ApiConnectionException(""), null)],
        ["`ApiServerErrorException`: the service answered 500 or another 5xx"] = [(new ApiServerErrorException("", Answer(500)), null), (new ApiServerErrorException(""), null)],
        ["`ApiStatusException` with 500 or more"] = [(Status(500), null), (Status(599), null)],
        ["`ApiConflictException` whose answer had `Retry-After`: the service still works on the call"] = [(new ApiConflictException("", Answer(409, 5)), "5")],
        ["any other `ApiStatusException`, such as 400, 401, 404"] =
            [(new InvalidRequestException(""), null), (new ApiUnauthorizedException(""), null), (new NotFoundException(""), null), (new ApiConflictException("", Answer(409)), null), (Status(499), null)],
        ["any other exception"] = [(new InvalidOperationException(), null), (new HttpRequestException(), null), (new TimeoutException(), null)],
    };

    private static readonly DocsRow[] OnPage = [.. DocsTable.RowsWith("failure").Where(row => row.Page == "docs/problem-details.md")];

    public static TheoryData<string> Failures => [.. Rows.Keys];

    [Fact]
    public void Rows_are_those_that_are_tried() => Assert.Equal(Rows.Keys, OnPage.Select(row => row["failure"]));

    [Theory]
    [MemberData(nameof(Failures))]
    public async Task Failure_gets_the_status_of_its_row(string name)
    {
        await using var services = new ServiceCollection().AddLogging().AddResilienceProblemDetails().BuildServiceProvider();
        var handler = services.GetRequiredService<IExceptionHandler>();
        var row = OnPage.Single(row => row["failure"] == name);
        foreach (var (failure, retryAfter) in Rows[name])
        {
            var context = new DefaultHttpContext { RequestServices = services, Response = { StatusCode = 500 } }; // as the middleware sets it

            await handler.TryHandleAsync(context, failure, default);

            Assert.Equal(row["status"], $"{context.Response.StatusCode}");
            Assert.Equal(retryAfter ?? "", context.Response.Headers.RetryAfter.ToString());
            Assert.Equal(row["`Retry-After`"] == "none", Rows[name].All(sample => sample.RetryAfter is null));
        }
    }

    private static ApiUnavailableException Unavailable(int status, int? retryAfter = null) =>
        new("", Answer(status, retryAfter), (HttpStatusCode)status);

    private static ApiStatusException Status(int status) => new("", Answer(status), (HttpStatusCode)status);

    private static HttpStatusException Answer(int status, int? retryAfter = null)
    {
        using var response = new HttpResponseMessage((HttpStatusCode)status);
        response.Headers.RetryAfter = retryAfter is { } seconds ? new RetryConditionHeaderValue(TimeSpan.FromSeconds(seconds)) : null;
        return new(response);
    }
}
