using System.Net;
using System.Runtime.ExceptionServices;
using Resilience.Polly.Http.Contents;
using Resilience.Polly.Primitives;

namespace Resilience.Polly.Http.Phases;

/// <summary>
/// Sends one attempt under the limits of the four phases. It is directly above the handler that owns the sockets. That handler follows
/// redirects, since only it knows which credentials belong to which hop.
/// </summary>
internal sealed class TimedTransport : DelegatingHandler
{
    private const string Authorization = "Authorization";

    private readonly Func<TimeoutOptions> _usual;
    private readonly IdlePool<PhaseClock> _clocks;
    private readonly ConnectionHooks? _hooks;
    private readonly TimeSpan _continueTimeout;

    /// <param name="sender">The handler that sends.</param>
    /// <param name="usual">The limits of a message without its own.</param>
    /// <param name="time">The clock for the limits.</param>
    public TimedTransport(HttpMessageHandler sender, Func<TimeoutOptions> usual, TimeProvider time)
        : base(sender)
    {
        (_usual, _clocks) = (usual, new(pool => new PhaseClock(pool, time)));
        if (PrimaryChain.SocketsOf(sender) is { } sockets && ConnectionHooks.TryInstall(sockets, () => usual().Connect, time) is { } hooks)
        {
            (_hooks, _continueTimeout) = (hooks, sockets.Expect100ContinueTimeout);
        }
    }

    /// <summary>Whether connections can be seen, so that connect and pool are enforced too.</summary>
    public bool SeesConnections => _hooks is not null;

    /// <summary>The message for a limit that cannot be enforced.</summary>
    public string Unseen(string asked) =>
        $"The primary handler {InnerHandler!.GetType().Name} does not let its connections be seen, so it cannot enforce {asked}. " +
        $"Use a {nameof(SocketsHttpHandler)} that has not sent a request, leave the setting at its default, or switch it off in code with Timeout.InfiniteTimeSpan.";

    protected override HttpResponseMessage Send(HttpRequestMessage request, CancellationToken cancellationToken) =>
        SendAsync(request, cancellationToken).GetAwaiter().GetResult();

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        var message = request is AttemptMessage { Clock: null } attempt ? attempt : Adopt(request);
        if (_hooks is null && message.Setup is { Options.AsksForConnection: true })
        {
            throw new InvalidOperationException(Unseen("a connect or pool timeout of its own"));
        }

        var (address, body) = (message.RequestUri, message.Content);
        var clock = Begin(message, cancellationToken);
        HttpResponseMessage response;
        try
        {
            var sending = base.SendAsync(message, clock.Token);
            if (_hooks is not null && !sending.IsCompleted && !clock.HasConnection)
            {
                _hooks.WaitAtEndpoint(clock, message);
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
            clock.End(message);
            Restore(message, body);
            if (message.BodyFailure is not null || (ReferenceEquals(address, message.RequestUri) && IsRefused(explained)))
            {
                message.CallersFault = explained;
            }

            if (explained is UriFormatException malformed && !ReferenceEquals(address, message.RequestUri))
            {
                explained = new HttpRequestException(
                    HttpRequestError.InvalidResponse, $"The server redirected to an address that names no server: {malformed.Message}", malformed);
            }

            if (ReferenceEquals(explained, failure))
            {
                throw;
            }

            // A failure of the body keeps its original stack.
            ExceptionDispatchInfo.Throw(explained);
            throw;
        }

        message.MayHaveArrived = true;
        Restore(message, body);
        if (!ReferenceEquals(message, request))
        {
            RestoreRequest(message, request, response);
        }

        TakeOver(message, clock, response);
        return response;
    }

    // Handlers of another kind may throw anything.
    private bool IsRefused(Exception failure) =>
        (InnerHandler is SocketsHttpHandler || InnerHandler?.GetType() == typeof(HttpClientHandler)) && RequestFault.IsIn(failure);

    private PhaseClock Begin(AttemptMessage message, CancellationToken cancellationToken)
    {
        message.ContinueTimeout = _continueTimeout;
        message.Content = message.Content is { } body ? TimedBody.Around(body, message) : null;
        var clock = _clocks.Take();
        clock.Begin(message, cancellationToken);
        if (_hooks is null)
        {
            clock.AcquiredUnseen(message);
        }

        return clock;
    }

    /// <summary>The head of the answer has come. The body is read under the read limit.</summary>
    private static void TakeOver(AttemptMessage message, PhaseClock clock, HttpResponseMessage response)
    {
        clock.Answered(message);
        if (response.StatusCode == HttpStatusCode.SwitchingProtocols && !message.AsksForUpgrade)
        {
            clock.AnswerEnds(message);
            response.Dispose();
            throw new HttpRequestException(
                HttpRequestError.InvalidResponse, "The server switched protocols (101), which the request had not asked for.");
        }

        if (message.IsTakenOverBy(response) || response.Content.Headers.ContentLength == 0)
        {
            clock.AnswerEnds(message);
        }
        else
        {
            response.Content = new TimedResponseContent(response.Content, message, clock);
        }
    }

    /// <summary>A message with its own limits, for a handler that sends other messages than it receives, or a client without a pipeline.</summary>
    private AttemptMessage Adopt(HttpRequestMessage request)
    {
        var attempt = request as AttemptMessage; // a message may be sent twice at once
        var message = AttemptMessage.CopyOf(request, attempt?.Limits ?? PhaseLimits.Of(_usual()), attempt?.Setup);
        if (message.Headers.NonValidated.Count == 0)
        {
            // Without any header the hook for headers is not called. This header says the same as no header.
            message.Headers.TryAddWithoutValidation("Accept", "*/*");
        }

        return message;
    }

    // Handlers and callers then find the caller's content on the message, unless a redirect removed it.
    private static void Restore(AttemptMessage message, HttpContent? body) =>
        message.Content = message.Content is null ? null : (body as RecordedContent)?.Original ?? body;

    /// <summary>The answer refers to the given message, with the changes of the transport: the address of a redirect, credentials.</summary>
    private static void RestoreRequest(AttemptMessage sent, HttpRequestMessage request, HttpResponseMessage response)
    {
        response.RequestMessage = request;
        if (!ReferenceEquals(sent.RequestUri, request.RequestUri))
        {
            (request.RequestUri, request.Method, request.Content) = (sent.RequestUri, sent.Method, sent.Content);
        }

        request.Headers.Remove(Authorization);
        if (sent.Headers.NonValidated.TryGetValues(Authorization, out var credentials))
        {
            request.Headers.TryAddWithoutValidation(Authorization, credentials);
        }
    }
}

/// <summary>
/// Tells a request that .NET refuses to send, such as one with a header that is not ASCII, from one that could not be delivered. Both have the same type,
/// but a failure of a connection always has an error code or an <see cref="IOException"/> inside.
/// </summary>
internal static class RequestFault
{
    /// <param name="failure">The exception of a <see cref="SocketsHttpHandler"/>, with no handler in between.</param>
    public static bool IsIn(Exception failure) => failure is HttpRequestException http
        ? http is { HttpRequestError: HttpRequestError.Unknown, StatusCode: null } && (http.InnerException is null || IsMisuse(http.InnerException))
            && failure.GetType() == typeof(HttpRequestException)
        : IsMisuse(failure);

    // ObjectDisposedException means a connection, or a handler, that was disposed meanwhile.
    private static bool IsMisuse(Exception exception) =>
        exception is (InvalidOperationException and not ObjectDisposedException) or ArgumentException or NotSupportedException or FormatException;
}
