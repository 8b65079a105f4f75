using System.Net;
using System.Net.Sockets;

namespace Resilience.Polly.Tests.Failures;

/// <summary>The mapping, for code that meets a failure outside of a pipeline.</summary>
public class ApiFailuresTests
{
    public static TheoryData<Exception, Type> Mapped { get; } = new()
    {
        { new HttpIOException(HttpRequestError.ResponseEnded), typeof(ApiConnectionException) },
        { new IOException("", new SocketException((int)SocketError.ConnectionReset)), typeof(ApiConnectionException) },
        { new HttpRequestException(HttpRequestError.NameResolutionError), typeof(ApiConnectionException) },
        { new PhaseTimeoutException(TimeoutPhase.Read, TimeSpan.FromSeconds(1)), typeof(ApiTimeoutException) },
        { new PhaseTimeoutException(TimeoutPhase.Pool, TimeSpan.FromSeconds(1)), typeof(PoolTimeoutException) },
        { new HttpRequestException("", null, HttpStatusCode.NotFound), typeof(NotFoundException) },
    };

    [Theory]
    [MemberData(nameof(Mapped))]
    public void Map_infrastructure_becomes_an_exception_of_the_call(Exception thrown, Type expected)
    {
        var seen = ApiFailures.Map(thrown, "payments", "order-17", 2);

        Assert.IsType(expected, seen);
        Assert.Same(thrown, seen.InnerException);
        var failure = (ApiCallException)seen;
        Assert.Equal(("payments", "order-17", 2), (failure.PipelineName, failure.RequestId, failure.Attempts));
    }

    [Fact]
    public void Map_anything_else_is_left_as_it_is()
    {
        foreach (var thrown in new Exception[] { new InvalidOperationException(), new IOException("disk"), new OperationCanceledException(), new NotFoundException("") })
        {
            Assert.Same(thrown, ApiFailures.Map(thrown, "payments", null, 1));
        }
    }

    [Fact]
    public void Map_null_is_refused_but_for_the_request_id()
    {
        Assert.Throws<ArgumentNullException>("exception", () => ApiFailures.Map(null!, "payments", "1", 1));
        Assert.Throws<ArgumentNullException>("pipelineName", () => ApiFailures.Map(new TimeoutException(), null!, "1", 1));
        Assert.Null(((ApiCallException)ApiFailures.Map(new TimeoutException(), "payments", null, 1)).RequestId);
    }
}
