using System.Net;
using System.Net.Sockets;

namespace Cluster;

/// <summary>Free ports of this machine.</summary>
internal static class Ports
{
    // Below those that the system gives to outgoing connections. One of these could take the port of a service while the service is down.
    private const int Lowest = 20_000;
    private const int Highest = 32_000;

    public static int Find()
    {
        while (true)
        {
            var port = Random.Shared.Next(Lowest, Highest);
            if (IsFree(port))
            {
                return port;
            }
        }
    }

    private static bool IsFree(int port)
    {
        try
        {
            using var listener = new TcpListener(IPAddress.Loopback, port);
            listener.Start();
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
