using System.Net;
using System.Net.Sockets;
using Polly;

namespace Resilience.Polly.Tests.Retries;

/// <summary>A call says whether it may be made again, and is not where that could do something twice.</summary>
public class RepetitionTests
{
    public static TheoryData<string, Exception> NotSent { get; } = new()
    {
        { "refused", new SocketException((int)SocketError.ConnectionRefused) },
        { "unknown host", new SocketException((int)SocketError.HostNotFound) },
        { "HTTP connection", new HttpRequestException(HttpRequestError.ConnectionError) },
        { "HTTP name resolution", new HttpRequestException(HttpRequestError.NameResolutionError) },
        { "HTTP TLS", new HttpRequestException(HttpRequestError.SecureConnectionError) },
        { "HTTP proxy tunnel", new HttpRequestException(HttpRequestError.ProxyTunnelError) },
        { "connect phase", new PhaseTimeoutException(TimeoutPhase.Connect, TimeSpan.FromSeconds(1)) },
        { "connect phase of a nested pipeline", new ApiTimeoutException("") { Phase = TimeoutPhase.Connect } },
        { "refused, of a nested pipeline", new ApiConnectionException("", new SocketException((int)SocketError.ConnectionRefused)) },
    };

    public static TheoryData<string, Exception> PerhapsSent { get; } = new()
    {
        { "reset", new SocketException((int)SocketError.ConnectionReset) },
        { "unreachable, perhaps while it was open", new SocketException((int)SocketError.HostUnreachable) },
        { "HTTP, unknown", new HttpRequestException("reset", new IOException("", new SocketException((int)SocketError.ConnectionReset))) },
        { "response ended", new HttpIOException(HttpRequestError.ResponseEnded) },
        { "read phase", new PhaseTimeoutException(TimeoutPhase.Read, TimeSpan.FromSeconds(1)) },
        { "write phase", new PhaseTimeoutException(TimeoutPhase.Write, TimeSpan.FromSeconds(1)) },
        { "timeout", new TimeoutException() },
        { "503", new HttpRequestException("", null, HttpStatusCode.ServiceUnavailable) },
        { "503 of a nested client", new ApiUnavailableException("") },
    };

    private static TestPipelines App() => TestPipelines.Of(o => (o.Retry.MaxAttempts, o.Retry.MinWait) = (2, TimeSpan.Zero));

    [Theory]
    [MemberData(nameof(NotSent))]
    public async Task OnlyIfNotSent_is_retried_where_there_was_no_connection(string what, Exception failure) =>
        Assert.Equal((what, 2), (what, await AttemptsAsync(CallRepetition.OnlyIfNotSent, failure)));

    [Theory]
    [MemberData(nameof(PerhapsSent))]
    public async Task OnlyIfNotSent_is_not_retried_where_the_request_may_have_arrived(string what, Exception failure) =>
        Assert.Equal((what, 1), (what, await AttemptsAsync(CallRepetition.OnlyIfNotSent, failure)));

    [Theory]
    [MemberData(nameof(NotSent))]
    [MemberData(nameof(PerhapsSent))]
    public async Task Safe_is_retried(string what, Exception failure) =>
        Assert.Equal((what, 2), (what, await AttemptsAsync(CallRepetition.Safe, failure)));

    [Theory]
    [MemberData(nameof(NotSent))]
    [MemberData(nameof(PerhapsSent))]
    public async Task Nothing_set_is_safe(string what, Exception failure) =>
        Assert.Equal((what, 2), (what, await AttemptsAsync(null, failure)));

    [Theory]
    [MemberData(nameof(NotSent))]
    [MemberData(nameof(PerhapsSent))]
    public async Task Never_is_not_retried(string what, Exception failure) =>
        Assert.Equal((what, 1), (what, await AttemptsAsync(CallRepetition.Never, failure)));

    [Theory]
    [InlineData(CallRepetition.Safe, 2)]
    [InlineData(CallRepetition.OnlyIfNotSent, 1)]
    [InlineData(CallRepetition.Never, 1)]
    public async Task Status_as_a_result_has_arrived(CallRepetition repetition, int attempts)
    {
        await using var app = App();
        var made = 0;

        using var last = await CallAsync(app, repetition, () =>
        {
            made++;
            return new HttpResponseMessage(HttpStatusCode.ServiceUnavailable);
        });

        Assert.Equal((attempts, HttpStatusCode.ServiceUnavailable), (made, last.StatusCode));
    }

    [Fact]
    public async Task Failure_that_is_not_retried_still_counts_for_the_circuit()
    {
        await using var app = App();

        await Assert.ThrowsAsync<ApiTimeoutException>(() => CallAsync<int>(app, CallRepetition.Never, () => throw new TimeoutException()));

        Assert.Equal(1, app.Snapshot.CircuitBreaker.FailureCount);
    }

    [Fact]
    public async Task Failure_that_would_not_be_retried_anyway_is_not_for_having_no_connection()
    {
        await using var app = TestPipelines.Of(o => o.Failures.DoNotRetry<SocketException>());
        var made = 0;

        await Assert.ThrowsAsync<ApiConnectionException>(() => CallAsync<int>(app, CallRepetition.OnlyIfNotSent, () =>
        {
            made++;
            throw new SocketException((int)SocketError.ConnectionRefused);
        }));

        Assert.Equal(1, made);
    }

    private static async Task<int> AttemptsAsync(CallRepetition? repetition, Exception failure)
    {
        await using var app = App();
        var made = 0;
        await Assert.ThrowsAnyAsync<Exception>(() => CallAsync<int>(app, repetition, () =>
        {
            made++;
            throw failure;
        }));
        return made;
    }

    private static async Task<TResult> CallAsync<TResult>(TestPipelines app, CallRepetition? repetition, Func<TResult> attempt)
    {
        var context = ResilienceContextPool.Shared.Get();
        if (repetition is { } set)
        {
            context.Properties.Set(CallProperties.Repetition, set);
        }

        try
        {
            return await app.Pipeline.ExecuteAsync(_ => new ValueTask<TResult>(attempt()), context);
        }
        finally
        {
            ResilienceContextPool.Shared.Return(context);
        }
    }
}
