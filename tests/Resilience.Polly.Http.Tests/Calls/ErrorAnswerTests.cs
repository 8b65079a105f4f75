using System.Net;
using System.Text;

namespace Resilience.Polly.Http.Tests.Calls;

/// <summary>What an exception tells of an answer, whatever the answer holds.</summary>
[Collection(nameof(RealTime))] // one of them measures what the whole process allocates
public class ErrorAnswerTests
{
    private const string Problem = """{"type":"https://shop/out-of-stock","title":"Out of stock","status":422,"detail":"No lamps","instance":"/orders/1","more":[1]}""";

    private static async Task<ApiCallException> FailureAsync(Reply reply)
    {
        await using var server = new ScriptedServer(reply);
        await using var app = new HttpApp(o => o.Timeout.Read = TimeSpan.FromSeconds(2));
        var seen = await Assert.ThrowsAnyAsync<ApiCallException>(() => app.Client.GetAsync(server.Address.AbsoluteUri));
        Assert.IsType<HttpStatusException>(seen.InnerException);
        return seen;
    }

    private static async Task<ApiStatusException> SeenAsync(Reply reply) => Assert.IsAssignableFrom<ApiStatusException>(await FailureAsync(reply));

    [Theory]
    [InlineData(400, typeof(InvalidRequestException))]
    [InlineData(422, typeof(InvalidRequestException))]
    [InlineData(401, typeof(ApiUnauthorizedException))]
    [InlineData(403, typeof(ApiForbiddenException))]
    [InlineData(404, typeof(NotFoundException))]
    [InlineData(409, typeof(ApiConflictException))]
    [InlineData(304, typeof(ApiStatusException))]
    [InlineData(418, typeof(ApiStatusException))]
    [InlineData(500, typeof(ApiServerErrorException))]
    [InlineData(501, typeof(ApiServerErrorException))]
    public async Task Status_gives_its_exception(int status, Type expected)
    {
        var seen = await FailureAsync(Reply.Status(status, status == 304 ? "" : "a secret"));
        Assert.IsType(expected, seen);
        Assert.Equal(((HttpStatusCode)status, "payments", 1), (seen.StatusCode, seen.PipelineName, seen.Attempts));
        Assert.NotNull(seen.RequestId);
        Assert.DoesNotContain("secret", seen.ToString());
    }

    [Theory]
    [InlineData(408)]
    [InlineData(429)]
    [InlineData(502)]
    [InlineData(503)]
    [InlineData(504)]
    public async Task Status_of_an_unavailable_service_is_infrastructure_and_has_details_too(int status)
    {
        await using var server = new ScriptedServer(Reply.Problem(status, Problem));
        await using var app = new HttpApp();
        var seen = await Assert.ThrowsAsync<ApiUnavailableException>(() => app.Client.GetAsync(server.Address.AbsoluteUri));
        Assert.Equal(((HttpStatusCode)status, "Out of stock", Problem), (seen.StatusCode, seen.Problem?.Title, seen.BodyExcerpt));
    }

    [Fact]
    public async Task Problem_details_are_read()
    {
        var seen = await SeenAsync(Reply.Problem(422, Problem));
        Assert.Equivalent(
            new ApiProblem { Type = "https://shop/out-of-stock", Title = "Out of stock", Status = HttpStatusCode.UnprocessableEntity, Detail = "No lamps", Instance = "/orders/1" },
            seen.Problem);
        Assert.Equal(Problem, seen.BodyExcerpt);
    }

    [Theory]
    [InlineData("""{"title":""")]
    [InlineData("""["title"]""")]
    [InlineData("null")]
    [InlineData("")]
    public async Task Problem_details_that_are_broken_are_none(string body)
    {
        var seen = await SeenAsync(Reply.Problem(400, body));
        Assert.Null(seen.Problem);
        Assert.Equal(body.Length == 0 ? null : body, seen.BodyExcerpt);
    }

    [Fact]
    public async Task Problem_details_of_other_types_are_passed_over()
    {
        var seen = await SeenAsync(Reply.Problem(400, """{"title":5,"status":"many","detail":"d"}"""));
        Assert.Equivalent(new ApiProblem { Detail = "d" }, seen.Problem);
    }

    [Fact]
    public async Task Problem_details_longer_than_the_excerpt_are_read_whole()
    {
        var seen = await SeenAsync(Reply.Problem(400, $$"""{"detail":"{{new string('d', 20_000)}}","title":"t"}"""));
        Assert.Equal(("t", 20_000, 4096), (seen.Problem?.Title, seen.Problem?.Detail?.Length, seen.BodyExcerpt?.Length));
    }

    [Fact]
    public async Task Excerpt_ends_after_4_KiB_and_not_within_a_character()
    {
        var seen = await SeenAsync(Reply.Status(400, "x" + new string('é', 4096)));
        Assert.Equal("x" + new string('é', 2047), seen.BodyExcerpt);
    }

    [Theory]
    [InlineData("text/plain; charset=iso-8859-1")]
    [InlineData("text/plain; charset=\"iso-8859-1\"")]
    public async Task Excerpt_is_in_the_encoding_of_the_answer(string type) =>
        Assert.Equal("é", (await SeenAsync(Reply.Bytes(400, Encoding.Latin1.GetBytes("é"), ("Content-Type", type)))).BodyExcerpt);

    [Fact]
    public async Task Excerpt_in_an_unknown_encoding_is_read_as_UTF_8() =>
        Assert.Equal("é", (await SeenAsync(Reply.Status(400, "é", ("Content-Type", "text/plain; charset=klingon")))).BodyExcerpt);

    [Fact]
    public async Task Body_of_100_MB_is_not_read()
    {
        await using var server = new ScriptedServer(Reply.Bytes(400, new byte[100 << 20]));
        await using var app = new HttpApp();
        (await Assert.ThrowsAsync<InvalidRequestException>(() => app.Client.GetAsync(server.Address.AbsoluteUri))).ToString();
        var before = GC.GetTotalAllocatedBytes(precise: true);
        var seen = await Assert.ThrowsAsync<InvalidRequestException>(() => app.Client.GetAsync(server.Address.AbsoluteUri));
        Assert.Equal(4096, seen.BodyExcerpt!.Length);
        Assert.InRange(GC.GetTotalAllocatedBytes(precise: true) - before, 0, 110 << 20); // the server's own copy, and nothing of that size beside it
    }

    [Fact]
    public async Task Body_that_stalls_leaves_the_status()
    {
        await using var server = new ScriptedServer(Reply.StallAfter("some", "HTTP/1.1 404 X\r\nContent-Length: 1000\r\n\r\n"));
        await using var app = new HttpApp(o => o.Timeout.Read = TimeSpan.FromMilliseconds(100));
        Assert.Equal("some", (await Assert.ThrowsAsync<NotFoundException>(() => app.Client.GetAsync(server.Address.AbsoluteUri))).BodyExcerpt);
    }

    [Fact]
    public async Task Counts_tell_refused_from_failed()
    {
        await using var server = new ScriptedServer(Reply.Status(404), Reply.Status(500), Reply.Status(503), Reply.Ok());
        await using var app = new HttpApp();
        for (var i = 0; i < 3; i++)
        {
            await Assert.ThrowsAnyAsync<ApiCallException>(() => app.Client.GetAsync(server.Address.AbsoluteUri));
        }

        (await app.Client.GetAsync(server.Address.AbsoluteUri)).Dispose();
        var calls = app.Snapshot.Calls;
        Assert.Equal((1, 2, 1), (calls.Refused, calls.Failed, calls.Succeeded));
    }
}
