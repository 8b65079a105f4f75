using System.Net;
using Resilience.Polly.Http.Contents;
using Resilience.Polly.Http.Requests;

namespace Resilience.Polly.Http.Phases;

/// <summary>
/// The message of one attempt. Every attempt has a new one, since the handler below may still report on the message of an
/// attempt that has ended. That must not affect the next attempt.
/// </summary>
internal sealed class AttemptMessage(HttpMethod method, Uri? uri) : HttpRequestMessage(method, uri), ICarriesSetup
{
    public PhaseLimits Limits { get; init; }

    /// <summary>The setup of the call, if there is a call.</summary>
    public CallSetup? Setup { get; init; }

    /// <summary>How long the transport waits for "100 Continue" before it sends the body anyway.</summary>
    public TimeSpan ContinueTimeout { get; set; }

    /// <summary>Measures this attempt while it runs.</summary>
    public PhaseClock? Clock { get; set; }

    /// <summary>Whether any of it may have reached the server, or a server that redirected it.</summary>
    public bool MayHaveArrived { get; set; }

    /// <summary>Whether any of the body was read.</summary>
    public bool BodyStarted { get; set; }

    /// <summary>The exception of the body itself while it was written, which is no failure of the transport.</summary>
    public Exception? BodyFailure { get; set; }

    /// <summary>The exception that ended the attempt, if it is no fault of the service: .NET refuses the request, or its body broke while it was read.</summary>
    public Exception? CallersFault { get; set; }

    /// <summary>Whether the caller asked for another protocol on the connection.</summary>
    public bool AsksForUpgrade => Headers.NonValidated.Contains("Upgrade");

    /// <summary>Whether the caller now reads from and writes to the connection itself: after an upgrade, or after CONNECT (HTTP/2 WebSocket).</summary>
    public bool IsTakenOverBy(HttpResponseMessage response) =>
        response.StatusCode == HttpStatusCode.SwitchingProtocols || (Method == HttpMethod.Connect && response.IsSuccessStatusCode);

    /// <summary>A copy of the request that shares the content and does not own it.</summary>
    public static AttemptMessage CopyOf(HttpRequestMessage source, in PhaseLimits limits, CallSetup? setup)
    {
        var copy = new AttemptMessage(source.Method, source.RequestUri)
        {
            Version = source.Version,
            VersionPolicy = source.VersionPolicy,
            Content = source.Content,
            Limits = limits,
            Setup = setup,
        };
        HeaderCopy.Copy(source.Headers, copy.Headers);
        if (source.Headers.Protocol is { } protocol)
        {
            copy.Headers.Protocol = protocol; // a property beside the headers, not one of them
        }

        if (MessageOptions.MayHave(source))
        {
            foreach (var (key, value) in source.Options)
            {
                ((IDictionary<string, object?>)copy.Options)[key] = value;
            }
        }

        return copy;
    }
}

/// <summary>The limits of the four phases for one attempt.</summary>
internal readonly record struct PhaseLimits(TimeSpan Connect, TimeSpan Read, TimeSpan Write, TimeSpan Pool)
{
    public TimeSpan Of(TimeoutPhase phase) => phase switch
    {
        TimeoutPhase.Connect => Connect,
        TimeoutPhase.Write => Write,
        TimeoutPhase.Pool => Pool,
        _ => Read,
    };

    /// <summary>The read limit, lengthened by a known wait before it.</summary>
    public TimeSpan ReadAfter(TimeSpan first) => Read == Timeout.InfiniteTimeSpan ? Read : Read + first;

    public static PhaseLimits Of(TimeoutOptions timeouts) => new(timeouts.Connect, timeouts.Read, timeouts.Write, timeouts.Pool);
}
