using System.Net;

namespace Resilience.Polly.Tests.Failures;

/// <summary>A gRPC answer that is nothing but headers is judged by its status there.</summary>
public class GrpcStatusTests
{
    private static HttpResponseMessage Answer(string? grpcStatus, HttpStatusCode status = HttpStatusCode.OK)
    {
        var response = new HttpResponseMessage(status);
        if (grpcStatus is not null)
        {
            response.Headers.TryAddWithoutValidation("grpc-status", grpcStatus);
        }

        return response;
    }

    [Theory]
    [InlineData("14", true)]
    [InlineData("8", true)]
    [InlineData("4", true)]
    [InlineData("0", false)]
    [InlineData("5", false)]
    [InlineData("13", false)]
    [InlineData("16", false)]
    [InlineData("", false)]
    [InlineData("unavailable", false)]
    [InlineData(null, false)]
    public async Task Status_of_an_unavailable_service_is_retried_and_counted_and_the_last_answer_returned(string? status, bool fails)
    {
        var recorder = new Recorder();
        await using var app = TestPipelines.Of(o => (o.Retry.MaxAttempts, o.Retry.MinWait) = (2, TimeSpan.Zero), listeners: recorder);
        var attempts = 0;

        using var last = await app.Pipeline.ExecuteAsync(_ =>
        {
            attempts++;
            return new ValueTask<HttpResponseMessage>(Answer(status));
        });

        Assert.Equal(HttpStatusCode.OK, last.StatusCode);
        Assert.Equal((fails ? 2 : 1, fails ? 1 : 0), (attempts, app.Snapshot.CircuitBreaker.FailureCount));
        await app.DisposeAsync(); // tells the listener what is still on its way
        Assert.Equal(fails ? [$"gRPC status {status}"] : [], recorder.Retries.Select(retry => retry.Reason));
    }

    [Fact]
    public async Task Call_that_must_not_be_repeated_is_not_and_counts()
    {
        await using var app = TestPipelines.Of(o => (o.Retry.MaxAttempts, o.Retry.MinWait) = (2, TimeSpan.Zero));
        var context = global::Polly.ResilienceContextPool.Shared.Get();
        context.Properties.Set(CallProperties.Repetition, CallRepetition.OnlyIfNotSent);
        var attempts = 0;

        await app.Pipeline.ExecuteAsync(_ =>
        {
            attempts++;
            return new ValueTask<HttpResponseMessage>(Answer("14"));
        }, context);

        Assert.Equal((1, 1), (attempts, app.Snapshot.CircuitBreaker.FailureCount));
    }

    [Fact]
    public async Task Status_that_is_no_success_is_judged_by_itself()
    {
        await using var app = TestPipelines.Of(o => (o.Retry.MaxAttempts, o.Retry.MinWait) = (2, TimeSpan.Zero));
        var attempts = 0;

        await app.Pipeline.ExecuteAsync(_ =>
        {
            attempts++;
            return new ValueTask<HttpResponseMessage>(Answer("14", HttpStatusCode.NotFound));
        });

        Assert.Equal((1, 0), (attempts, app.Snapshot.CircuitBreaker.FailureCount));
    }
}
