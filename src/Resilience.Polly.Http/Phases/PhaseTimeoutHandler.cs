using Resilience.Polly.Http.Phases;

namespace Resilience.Polly.Http;

/// <summary>
/// Gives HttpClient the guide's four timeouts: connect, read, write and pool, each with its own limit (guide: "Types of Timeouts").
/// <c>AddResilience</c> adds it; use it directly for an HttpClient without a pipeline.
/// </summary>
/// <remarks>
/// <para>It enforces the limits directly above the handler that sends, below all handlers of your own. It uses four hooks of the
/// <see cref="SocketsHttpHandler"/> (<see cref="SocketsHttpHandler.ConnectCallback"/>, <see cref="SocketsHttpHandler.PlaintextStreamFilter"/>,
/// <see cref="SocketsHttpHandler.RequestHeaderEncodingSelector"/>, <see cref="SocketsHttpHandler.ResponseHeaderEncodingSelector"/>) and calls those
/// hooks that were set before. Above a handler of another kind it enforces only read and write.</para>
/// <para>When a limit is hit, it throws <see cref="PhaseTimeoutException"/>, even while the body of the answer is read.</para>
/// </remarks>
public sealed class PhaseTimeoutHandler : DelegatingHandler
{
    private static readonly TimeoutOptions Usual = new();

    private readonly TimedTransport _transport;

    /// <summary>Creates a handler.</summary>
    /// <param name="innerHandler">
    /// The handler that sends: a <see cref="SocketsHttpHandler"/> or <see cref="HttpClientHandler"/> before its first request, alone or under handlers of your own.
    /// </param>
    /// <param name="timeouts">The four limits; the others of the block are ignored, since they do not belong to HTTP. Ranges are those of <see cref="TimeoutLimits"/>.</param>
    /// <param name="timeProvider">The clock for the limits; the system's if omitted.</param>
    /// <exception cref="ArgumentNullException"><paramref name="innerHandler"/> or <paramref name="timeouts"/> is <see langword="null"/>.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A limit is out of range.</exception>
    /// <exception cref="InvalidOperationException">
    /// The connections of the handler that sends cannot be seen, and a connect or pool timeout is not the default; or a handler has no inner handler.
    /// </exception>
    public PhaseTimeoutHandler(HttpMessageHandler innerHandler, TimeoutOptions timeouts, TimeProvider? timeProvider = null)
        : this(innerHandler, Checked(timeouts), timeProvider ?? TimeProvider.System)
    {
        if (!SeesConnections)
        {
            RefuseUnseen(timeouts.Connect != Usual.Connect, timeouts.Connect, nameof(TimeoutOptions.Connect));
            RefuseUnseen(timeouts.Pool != Usual.Pool, timeouts.Pool, nameof(TimeoutOptions.Pool));
        }
    }

    /// <summary>Refuses nothing: if connections cannot be seen, it enforces the other limits.</summary>
    internal PhaseTimeoutHandler(HttpMessageHandler innerHandler, Func<TimeoutOptions> timeouts, TimeProvider time)
    {
        ArgumentNullException.ThrowIfNull(innerHandler);
        (InnerHandler, _transport) = PrimaryChain.Insert(innerHandler, sender => new TimedTransport(sender, timeouts, time));
    }

    /// <summary>Whether connections can be seen, so that connect and pool are enforced too.</summary>
    internal bool SeesConnections => _transport.SeesConnections;

    /// <summary>The handler that sends.</summary>
    internal HttpMessageHandler Sender => _transport.InnerHandler!;

    private void RefuseUnseen(bool asked, TimeSpan limit, string setting)
    {
        if (asked && limit != Timeout.InfiniteTimeSpan)
        {
            throw new InvalidOperationException(_transport.Unseen($"Timeout:{setting} = {limit:c}"));
        }
    }

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
