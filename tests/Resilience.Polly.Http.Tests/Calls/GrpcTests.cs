using System.Net;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace Resilience.Polly.Http.Tests.Calls;

/// <summary>gRPC through the handler, as its clients speak it: POST over HTTP/2, 200, the status in the headers or in the trailers.</summary>
public class GrpcTests
{
    private static async Task<(int Attempts, int Failures, HttpStatusCode Status)> SeenAsync(RequestDelegate answer, HttpMethod method)
    {
        var attempts = 0;
        await using var server = await WebServer.StartAsync(
            context =>
            {
                Interlocked.Increment(ref attempts);
                context.Response.ContentType = "application/grpc";
                return answer(context);
            },
            version: 2);
        await using var app = new HttpApp(
            o => (o.Retry.MaxAttempts, o.CircuitBreaker.Mode) = (2, CircuitBreakerMode.Enforce),
            HttpApp.Speaking(2));
        var client = app.Services.GetRequiredService<IHttpClientFactory>().CreateClient(HttpApp.Name);
        using var request = new HttpRequestMessage(method, server.Address) { Version = HttpVersion.Version20, VersionPolicy = HttpVersionPolicy.RequestVersionExact, Content = new ByteArrayContent([0, 0, 0, 0, 0]) };
        using var response = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        return (attempts, app.Snapshot.CircuitBreaker.FailureCount, response.StatusCode);
    }

    private static RequestDelegate TrailersOnly(string status) => context =>
    {
        context.Response.Headers["grpc-status"] = status;
        return Task.CompletedTask;
    };

    [Theory]
    [InlineData("14", 1)]
    [InlineData("8", 1)]
    [InlineData("4", 1)]
    [InlineData("0", 0)]
    [InlineData("13", 0)]
    public async Task Status_in_the_headers_counts_and_a_POST_is_not_repeated(string status, int failures) =>
        Assert.Equal((1, failures, HttpStatusCode.OK), await SeenAsync(TrailersOnly(status), HttpMethod.Post));

    [Fact]
    public async Task Status_in_the_headers_is_retried_where_the_request_may_be_repeated() =>
        Assert.Equal((2, 1, HttpStatusCode.OK), await SeenAsync(TrailersOnly("14"), HttpMethod.Put));

    [Fact]
    public async Task Status_in_the_trailers_is_not_seen() =>
        Assert.Equal((1, 0, HttpStatusCode.OK), await SeenAsync(
            async context =>
            {
                context.Response.DeclareTrailer("grpc-status");
                await context.Response.Body.WriteAsync(new byte[5]);
                context.Response.AppendTrailer("grpc-status", "14");
            },
            HttpMethod.Put));
}
