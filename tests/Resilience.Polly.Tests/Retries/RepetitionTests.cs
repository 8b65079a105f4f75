using System.Net;
using System.Net.Sockets;
using Polly;

namespace Resilience.Polly.Tests.Retries;

/// <summary>What a call says of its own repetition.</summary>
public class RepetitionTests
{
    public static TheoryData<string, Exception, bool> Failures => new()
    {
        // the failure, and whether it says that nothing was sent
        { "refused", new SocketException((int)SocketError.ConnectionRefused), true },
        { "unknown host", new SocketException((int)SocketError.HostNotFound), true },
        { "reset", new SocketException((int)SocketError.ConnectionReset), false },
        { "HTTP refused", new HttpRequestException(HttpRequestError.ConnectionError), true },
        { "HTTP name resolution", new HttpRequestException(HttpRequestError.NameResolutionError), true },
        { "HTTP TLS", new HttpRequestException(HttpRequestError.SecureConnectionError), true },
        { "HTTP tunnel", new HttpRequestException(HttpRequestError.ProxyTunnelError), true },
        { "HTTP anything", new HttpRequestException("reset", new IOException("", new SocketException((int)SocketError.ConnectionReset))), false },
        { "HTTP ended", new HttpIOException(HttpRequestError.ResponseEnded), false },
        { "connect phase", new PhaseTimeoutException(TimeoutPhase.Connect, TimeSpan.FromSeconds(1)), true },
        { "write phase", new PhaseTimeoutException(TimeoutPhase.Write, TimeSpan.FromSeconds(1)), false },
        { "read phase", new PhaseTimeoutException(TimeoutPhase.Read, TimeSpan.FromSeconds(1)), false },
        { "timeout", new TimeoutException(), false },
        { "connect phase of a nested pipeline", new ApiTimeoutException("") { Phase = TimeoutPhase.Connect }, true },
        { "503", new HttpRequestException(null, null, HttpStatusCode.ServiceUnavailable), false },
    };

    private static async Task<int> AttemptsAsync<T>(CallRepetition? repetition, Func<T> attempt)
    {
        await using var app = TestPipelines.Of(o => (o.Retry.MaxAttempts, o.Retry.MinWait) = (3, TimeSpan.Zero));
        var attempts = 0;
        var context = ResilienceContextPool.Shared.Get();
        if (repetition is { } set)
        {
            context.Properties.Set(CallProperties.Repetition, set);
        }

        await app.Pipeline.ExecuteOutcomeAsync(
            (_, _) =>
            {
                attempts++;
                try
                {
                    return new ValueTask<Outcome<T>>(Outcome.FromResult(attempt()));
                }
                catch (Exception failure)
                {
                    return new ValueTask<Outcome<T>>(Outcome.FromException<T>(failure));
                }
            },
            context,
            0);
        ResilienceContextPool.Shared.Return(context);
        return attempts;
    }

    [Theory]
    [MemberData(nameof(Failures))]
    public async Task Repetition_decides_which_failures_are_retried(string what, Exception failure, bool isNotSent)
    {
        Assert.NotEmpty(what);
        int Fail() => throw failure;
        Assert.Equal(3, await AttemptsAsync(null, Fail));
        Assert.Equal(3, await AttemptsAsync(CallRepetition.Safe, Fail));
        Assert.Equal(isNotSent ? 3 : 1, await AttemptsAsync(CallRepetition.OnlyIfNotSent, Fail));
        Assert.Equal(1, await AttemptsAsync(CallRepetition.Never, Fail));
    }

    [Fact]
    public async Task Repetition_OnlyIfNotSent_does_not_repeat_what_was_answered()
    {
        static HttpResponseMessage Unavailable() => new(HttpStatusCode.ServiceUnavailable);
        Assert.Equal(3, await AttemptsAsync(CallRepetition.Safe, Unavailable));
        Assert.Equal(1, await AttemptsAsync(CallRepetition.OnlyIfNotSent, Unavailable));
    }

    [Fact]
    public async Task Priority_travels_with_the_call()
    {
        await using var app = TestPipelines.Of(_ => { });
        var context = ResilienceContextPool.Shared.Get();
        context.Properties.Set(CallProperties.Priority, CallPriority.Critical);
        Assert.Equal(CallPriority.Critical, await app.Pipeline.ExecuteAsync(
            c => new ValueTask<CallPriority>(c.Properties.GetValue(CallProperties.Priority, CallPriority.Normal)), context));
        ResilienceContextPool.Shared.Return(context);
    }
}
