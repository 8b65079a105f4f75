using System.Net.Sockets;

namespace Resilience.Polly.Http.Phases;

/// <summary>A socket's stream that reports when it is closed.</summary>
internal sealed class TrackedSocketStream(Socket socket, Connection connection) : NetworkStream(socket, ownsSocket: true), ITracked
{
    public Connection Connection => connection;

    protected override void Dispose(bool disposing)
    {
        base.Dispose(disposing);
        connection.Closed();
    }
}
