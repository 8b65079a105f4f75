using System.Runtime.CompilerServices;

namespace Resilience.Polly.Http.Phases;

/// <summary>The primary handler of a client: a handler that sends, alone or under handlers of the application.</summary>
internal static class PrimaryChain
{
    /// <summary>
    /// Puts a <see cref="TimedTransport"/> directly above the handler that sends. The application's handlers stay above it, so each of
    /// them sees a request once, with the application's own contents.
    /// </summary>
    /// <returns>The outermost handler now, and the transport. A chain that already has a transport keeps it.</returns>
    /// <exception cref="InvalidOperationException">A handler has no inner handler.</exception>
    public static (HttpMessageHandler Outermost, TimedTransport Transport) Insert(HttpMessageHandler primary, Func<HttpMessageHandler, TimedTransport> make)
    {
        DelegatingHandler? above = null;
        var sender = primary;
        while (sender is DelegatingHandler next)
        {
            if (next is TimedTransport present)
            {
                return (primary, present);
            }

            sender = next.InnerHandler ?? throw new InvalidOperationException($"The handler {next.GetType().Name} has no inner handler.");
            above = next;
        }

        var transport = make(sender);
        if (above is null)
        {
            return (transport, transport);
        }

        try
        {
            above.InnerHandler = transport;
            return (primary, transport);
        }
        catch (InvalidOperationException)
        {
            // The chain has sent a request already and cannot be changed any more.
            var outermost = make(primary);
            return (outermost, outermost);
        }
    }

    /// <summary>The handler that owns the sockets, if <paramref name="sender"/> is one or contains one.</summary>
    public static SocketsHttpHandler? SocketsOf(HttpMessageHandler sender)
    {
        try
        {
            return sender as SocketsHttpHandler ?? (sender is HttpClientHandler wrapper ? Underlying(wrapper) : null);
        }
        catch (MissingFieldException)
        {
            return null; // a later .NET may keep it elsewhere, or have none
        }
    }

    // HttpClientHandler has no property for the handler that it configures. A canary test checks the field.
    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "_underlyingHandler")]
    private static extern ref SocketsHttpHandler Underlying(HttpClientHandler handler);
}
