using System.Net;
using System.Runtime.ExceptionServices;

namespace Resilience.Polly.Http;

/// <summary>
/// Gives HttpClient the guide's four timeouts: connect, read, write and pool, each with its own limit (guide: "Types of Timeouts").
/// <c>AddResilience</c> puts it in place; by itself it serves an HttpClient that has no pipeline.
/// </summary>
/// <remarks>
/// <para>It stands directly above a <see cref="SocketsHttpHandler"/>, takes three of its hooks (<see cref="SocketsHttpHandler.ConnectCallback"/>,
/// <see cref="SocketsHttpHandler.PlaintextStreamFilter"/>, <see cref="SocketsHttpHandler.RequestHeaderEncodingSelector"/>), calls those that
/// were set before, and follows redirects in its place. Above any other handler it enforces read and write only.</para>
/// <para>A limit that is hit gives <see cref="PhaseTimeoutException"/>, also while the body of the answer is read.</para>
/// </remarks>
public sealed class PhaseTimeoutHandler : DelegatingHandler
{
    private static readonly TimeoutOptions Usual = new();

    private readonly Func<TimeoutOptions> _timeouts;
    private readonly PhaseClockPool _clocks;
    private readonly ConnectionHooks? _hooks;
    private readonly TimeSpan _continueTimeout;
    private readonly int _mostRedirects;

    /// <summary>Makes one.</summary>
    /// <param name="innerHandler">The handler that sends: a <see cref="SocketsHttpHandler"/> before its first request, alone or under handlers of one's own.</param>
    /// <param name="timeouts">The four limits; the others of the block do not belong to HTTP and are not looked at. Ranges are those of <see cref="TimeoutLimits"/>.</param>
    /// <param name="timeProvider">Measures the limits; the system's time where it is left out.</param>
    /// <exception cref="ArgumentNullException"><paramref name="innerHandler"/> or <paramref name="timeouts"/> is <see langword="null"/>.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A limit is out of range.</exception>
    /// <exception cref="InvalidOperationException">
    /// There is no <see cref="SocketsHttpHandler"/>, and a connect or pool timeout other than the default was asked for; or it has sent a request already.
    /// </exception>
    public PhaseTimeoutHandler(HttpMessageHandler innerHandler, TimeoutOptions timeouts, TimeProvider? timeProvider = null)
        : this(innerHandler, Checked(timeouts), timeProvider ?? TimeProvider.System)
    {
    }

    internal PhaseTimeoutHandler(HttpMessageHandler innerHandler, Func<TimeoutOptions> timeouts, TimeProvider time)
        : base(innerHandler)
    {
        ArgumentNullException.ThrowIfNull(innerHandler);
        _timeouts = timeouts;
        _clocks = new PhaseClockPool(time);
        if (Sockets(innerHandler) is not { } sockets)
        {
            RefuseUnseen(timeouts().Connect != Usual.Connect, timeouts().Connect, nameof(TimeoutOptions.Connect));
            RefuseUnseen(timeouts().Pool != Usual.Pool, timeouts().Pool, nameof(TimeoutOptions.Pool));
            return;
        }

        _hooks = ConnectionHooks.On(sockets, () => _timeouts().Connect, time);
        _continueTimeout = sockets.Expect100ContinueTimeout;
        _mostRedirects = _hooks.MostRedirects;
    }

    /// <summary>Whether the handler below is one whose connections can be seen, so that connect and pool are enforced too.</summary>
    internal bool SeesConnections => _hooks is not null;

    /// <inheritdoc/>
    /// <remarks>Blocks until the asynchronous form has ended.</remarks>
    protected override HttpResponseMessage Send(HttpRequestMessage request, CancellationToken cancellationToken) =>
        SendAsync(request, cancellationToken).GetAwaiter().GetResult();

    /// <inheritdoc/>
    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        var first = request as AttemptMessage ?? Adopt(request);
        var message = first;
        var body = message.Content;
        if (_hooks is null && message.Setup is { Options.AsksForConnection: true })
        {
            throw new InvalidOperationException(Unseen("a connect or pool timeout of its own"));
        }

        for (var redirects = 0; ; redirects++)
        {
            var clock = Begin(message, body, cancellationToken);
            HttpResponseMessage response;
            try
            {
                var sending = base.SendAsync(message, clock.Token);
                if (_hooks is not null && !clock.HasConnection)
                {
                    clock.WaitAt(message, _hooks.EndpointOf(message.RequestUri!));
                }

                response = await sending.ConfigureAwait(false);
                if (_hooks is null)
                {
                    response = OwnAnswer.Of(response);
                }
            }
            catch (Exception failure)
            {
                var explained = message.BodyFailure ?? clock.Explain(message, failure);
                _clocks.End(clock, message);
                if (message.BodyFailure is not null || (redirects == 0 && IsRefused(explained)))
                {
                    first.CallersFault = explained;
                }

                if (ReferenceEquals(explained, failure))
                {
                    throw;
                }

                // A failure of the body keeps the stack that it came with.
                ExceptionDispatchInfo.Throw(explained);
                throw;
            }

            Answered(message, clock, response);
            if (redirects >= _mostRedirects || RedirectRules.Next(message, body, response) is not { } next)
            {
                return response;
            }

            response.Dispose();
            (message, body) = (next, next.Content);
        }
    }

    // Handlers in between may throw what they like.
    private bool IsRefused(Exception failure) =>
        (InnerHandler is SocketsHttpHandler || InnerHandler?.GetType() == typeof(HttpClientHandler)) && RequestFault.IsIn(failure);

    private PhaseClock Begin(AttemptMessage message, HttpContent? body, CancellationToken cancellationToken)
    {
        message.ContinueTimeout = _continueTimeout;
        message.Content = body is null ? null : TimedBody.Around(body, message);
        var clock = _clocks.Begin(message, cancellationToken);
        if (_hooks is null)
        {
            clock.AcquiredUnseen(message);
        }

        return clock;
    }

    private void Answered(AttemptMessage message, PhaseClock clock, HttpResponseMessage response)
    {
        clock.Stop(message);
        message.MayHaveArrived = true;
        if (response.StatusCode == HttpStatusCode.SwitchingProtocols || response.Content.Headers.ContentLength == 0)
        {
            _clocks.End(clock, message);
        }
        else
        {
            response.Content = new TimedResponseContent(response.Content, message, clock, _clocks);
        }
    }

    private AttemptMessage Adopt(HttpRequestMessage request)
    {
        var message = AttemptMessage.CopyOf(request, PhaseLimits.Of(_timeouts()), setup: null);
        if (message.Headers.NonValidated.Count == 0)
        {
            // Without a header the hook for headers is not called. This one says what leaving it out says.
            message.Headers.TryAddWithoutValidation("Accept", "*/*");
        }

        return message;
    }

    private static SocketsHttpHandler? Sockets(HttpMessageHandler? handler) => handler switch
    {
        SocketsHttpHandler sockets => sockets,
        DelegatingHandler outer => Sockets(outer.InnerHandler),
        _ => null,
    };

    private void RefuseUnseen(bool asked, TimeSpan limit, string setting)
    {
        if (asked && limit != Timeout.InfiniteTimeSpan)
        {
            throw new InvalidOperationException(Unseen($"Timeout:{setting} = {limit:c}"));
        }
    }

    private string Unseen(string asked) =>
        $"The primary handler {InnerHandler!.GetType().Name} does not let its connections be seen, so it cannot enforce {asked}. " +
        $"Use a {nameof(SocketsHttpHandler)}, leave the setting at its default, or switch it off in code with Timeout.InfiniteTimeSpan.";

    private static Func<TimeoutOptions> Checked(TimeoutOptions timeouts)
    {
        ArgumentNullException.ThrowIfNull(timeouts);
        TimeoutLimits.ThrowIfOutOfRange(timeouts.Connect, TimeoutPhase.Connect, $"{nameof(timeouts)}.{nameof(timeouts.Connect)}");
        TimeoutLimits.ThrowIfOutOfRange(timeouts.Read, TimeoutPhase.Read, $"{nameof(timeouts)}.{nameof(timeouts.Read)}");
        TimeoutLimits.ThrowIfOutOfRange(timeouts.Write, TimeoutPhase.Write, $"{nameof(timeouts)}.{nameof(timeouts.Write)}");
        TimeoutLimits.ThrowIfOutOfRange(timeouts.Pool, TimeoutPhase.Pool, $"{nameof(timeouts)}.{nameof(timeouts.Pool)}");
        return () => timeouts;
    }
}
