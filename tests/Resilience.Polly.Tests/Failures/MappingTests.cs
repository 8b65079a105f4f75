using System.Net;
using System.Net.Sockets;
using Polly.CircuitBreaker;
using Polly.RateLimiting;
using Polly.Timeout;

namespace Resilience.Polly.Tests.Failures;

public class MappingTests
{
    public static TheoryData<Exception, Type> Mapped { get; } = new()
    {
        { new SocketException((int)SocketError.ConnectionRefused), typeof(ApiConnectionException) },
        { new IOException("", new SocketException()), typeof(ApiConnectionException) },
        { new HttpRequestException(HttpRequestError.NameResolutionError), typeof(ApiConnectionException) },
        { new HttpIOException(HttpRequestError.ResponseEnded), typeof(ApiConnectionException) },
        { new TimeoutException(), typeof(ApiTimeoutException) },
        { new TaskCanceledException("", new TimeoutException()), typeof(ApiTimeoutException) },
        { new TimeoutRejectedException(), typeof(ApiTimeoutException) },
        { new BrokenCircuitException(), typeof(CircuitOpenException) },
        { new IsolatedCircuitException(), typeof(CircuitOpenException) },
        { new RateLimiterRejectedException(), typeof(PoolTimeoutException) },
        { Status(408), typeof(ApiUnavailableException) },
        { Status(429), typeof(ApiUnavailableException) },
        { Status(502), typeof(ApiUnavailableException) },
        { Status(503), typeof(ApiUnavailableException) },
        { Status(504), typeof(ApiUnavailableException) },
        { Status(400), typeof(InvalidRequestException) },
        { Status(422), typeof(InvalidRequestException) },
        { Status(401), typeof(ApiUnauthorizedException) },
        { Status(403), typeof(ApiForbiddenException) },
        { Status(404), typeof(NotFoundException) },
        { Status(409), typeof(ApiConflictException) },
        { Status(418), typeof(ApiStatusException) },
        { Status(500), typeof(ApiServerErrorException) },
        { new AggregateException(new HttpRequestException(HttpRequestError.ConnectionError)), typeof(ApiConnectionException) },
    };

    private static HttpRequestException Status(int status) => new("secret of the server", null, (HttpStatusCode)status);

    private static async Task<Exception> SeenAsync(Exception thrown, bool map = true)
    {
        await using var app = TestPipelines.Of(o => (o.Retry.MaxAttempts, o.MapExceptions) = (1, map));
        return (await new Dependency(Dependency.Throws(thrown)).ThroughAsync(app.Pipeline)).Exception!;
    }

    [Theory]
    [MemberData(nameof(Mapped))]
    public async Task Exception_is_mapped_with_the_original_inside(Exception thrown, Type expected)
    {
        var seen = Assert.IsAssignableFrom<ApiCallException>(await SeenAsync(thrown));
        Assert.IsType(expected, seen);
        Assert.Same(thrown, seen.InnerException);
        Assert.Equal(("payments", 1), (seen.PipelineName, seen.Attempts));
        Assert.Contains("'payments'", seen.Message);
        Assert.DoesNotContain("secret", seen.Message);
        if (thrown is HttpRequestException { StatusCode: { } status })
        {
            Assert.Equal(status, seen.StatusCode);
        }
    }

    [Theory]
    [MemberData(nameof(Mapped))]
    public async Task MapExceptions_off_leaves_the_original(Exception thrown, Type mapped)
    {
        Assert.Same(thrown, await SeenAsync(thrown, map: false));
        Assert.NotEqual(mapped, thrown.GetType());
    }

    [Fact]
    public async Task Business_exception_passes_untouched_with_its_own_stack()
    {
        await using var app = TestPipelines.Of(_ => { });
        var thrown = new InvalidOperationException("out of stock");
        var seen = await Assert.ThrowsAsync<InvalidOperationException>(async () => await app.Pipeline.ExecuteAsync(_ => OutOfStock()));
        Assert.Contains(nameof(OutOfStock), seen.StackTrace);
        Assert.Equal(1, app.Snapshot.Calls.Refused);
        static ValueTask OutOfStock() => throw new InvalidOperationException("out of stock");
        Assert.Same(thrown, await SeenAsync(thrown));
    }

    [Fact]
    public async Task Business_exception_around_a_network_failure_is_retried_and_mapped()
    {
        await using var app = TestPipelines.Of(o => o.Retry.MinWait = TimeSpan.Zero);
        var thrown = new InvalidOperationException("cannot charge", new SocketException());
        var dependency = new Dependency(Dependency.Throws(thrown));
        Assert.Same(thrown, Assert.IsType<ApiConnectionException>((await dependency.ThroughAsync(app.Pipeline)).Exception).InnerException);
        Assert.Equal(3, dependency.Attempts);
    }

    [Fact]
    public async Task Exception_of_a_nested_pipeline_keeps_the_name_of_that_pipeline()
    {
        var inner = new CircuitOpenException("Circuit breaker is OPEN") { PipelineName = "bank" };
        Assert.Same(inner, await SeenAsync(inner));
    }

    [Fact]
    public async Task MapExceptions_off_rejections_are_Pollys_own()
    {
        await using var app = TestPipelines.Of(o =>
        {
            o.MapExceptions = false;
            o.CircuitBreaker.FailureThreshold = 1;
            o.Retry.MaxAttempts = 1;
            o.Bulkhead.MaxConcurrency = 1;
            o.Bulkhead.AcquisitionTimeout = TimeSpan.Zero;
        });
        var gate = new TaskCompletionSource();
        var holder = app.Pipeline.ExecuteAsync(async _ => await gate.Task).AsTask();
        Assert.IsType<RateLimiterRejectedException>((await new Dependency(Dependency.Answers(1)).ThroughAsync(app.Pipeline)).Exception);
        gate.SetResult();
        await holder;

        await new Dependency(Dependency.Fails()).ThroughAsync(app.Pipeline);
        var broken = Assert.IsType<BrokenCircuitException>((await new Dependency(Dependency.Answers(1)).ThroughAsync(app.Pipeline)).Exception);
        Assert.Equal(TimeSpan.FromSeconds(30), broken.RetryAfter);
        app.Control.Isolate("payments");
        Assert.IsType<IsolatedCircuitException>((await new Dependency(Dependency.Answers(1)).ThroughAsync(app.Pipeline)).Exception);
    }

    [Fact]
    public void Tree_is_the_one_of_the_guide_and_of_the_queue()
    {
        Assert.Equal(
            [
                "ApiConflictException : ApiStatusException", "ApiConnectionException : ApiCallException",
                "ApiForbiddenException : ApiStatusException", "ApiServerErrorException : ApiConnectionException",
                "ApiStatusException : ApiCallException", "ApiTimeoutException : ApiConnectionException",
                "ApiUnauthorizedException : ApiStatusException", "ApiUnavailableException : ApiConnectionException",
                "BulkheadFullException : PoolTimeoutException", "CircuitOpenException : ApiConnectionException",
                "InvalidRequestException : ApiStatusException", "LoadShedException : PoolTimeoutException",
                "NotFoundException : ApiStatusException", "PoolTimeoutException : ApiTimeoutException",
                "QueueFullException : PoolTimeoutException", "QueueShutdownException : ApiConnectionException",
                "RateLimitedException : PoolTimeoutException",
            ],
            typeof(ApiCallException).Assembly.GetExportedTypes()
                .Where(type => type.IsSubclassOf(typeof(ApiCallException)))
                .Select(type => $"{type.Name} : {type.BaseType!.Name}")
                .Order());
    }

    public static TheoryData<Type> Members => [.. typeof(ApiCallException).Assembly.GetExportedTypes().Where(type => type.IsSubclassOf(typeof(ApiCallException)))];

    [Theory]
    [MemberData(nameof(Members))]
    public void Member_has_the_constructors_of_every_exception(Type member)
    {
        var inner = new InvalidOperationException();
        Assert.NotEmpty(((Exception)Activator.CreateInstance(member)!).Message);
        Assert.Equal("said", ((Exception)Activator.CreateInstance(member, "said")!).Message);
        var around = (Exception)Activator.CreateInstance(member, "said", inner)!;
        Assert.Equal(("said", inner), (around.Message, around.InnerException));
    }

    [Theory]
    [InlineData(typeof(PoolTimeoutException))]
    [InlineData(typeof(BulkheadFullException))]
    [InlineData(typeof(QueueFullException))]
    [InlineData(typeof(LoadShedException))]
    [InlineData(typeof(RateLimitedException))]
    public async Task Rejection_that_a_delegate_wraps_keeps_its_type_and_tells_this_pipeline(Type rejection)
    {
        await using var app = TestPipelines.Of(_ => { });
        var wrapped = new InvalidOperationException("around", (Exception)Activator.CreateInstance(rejection)!);
        var seen = (await new Dependency(Dependency.Throws(wrapped)).ThroughAsync(app.Pipeline)).Exception;
        Assert.Equal(rejection, seen!.GetType());
        Assert.Equal(app.Snapshot.Name, ((PoolTimeoutException)seen).PipelineName);
    }
}
