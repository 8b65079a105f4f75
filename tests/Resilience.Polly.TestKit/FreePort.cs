using System.Net;
using System.Net.Sockets;

namespace Resilience.Polly.TestKit;

/// <summary>Finds a port of this machine where nothing listens.</summary>
public static class FreePort
{
    // Below those that the system gives to outgoing connections. One of these could take the port before its server listens, or while it is down.
    private const int Lowest = 20_000;
    private const int Highest = 32_000;

    public static int Find()
    {
        while (true)
        {
            using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            var port = Random.Shared.Next(Lowest, Highest);
            try
            {
                socket.Bind(new IPEndPoint(IPAddress.Loopback, port));
                return port;
            }
            catch (SocketException taken) when (taken.SocketErrorCode == SocketError.AddressAlreadyInUse)
            {
            }
        }
    }
}
