using System.Net;
using System.Net.Sockets;

namespace Resilience.Polly.TestKit;

/// <summary>A port where a connection attempt neither succeeds nor fails: nobody accepts, and the line is full.</summary>
public sealed class DeafServer : IDisposable
{
    private readonly Socket _listener = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
    private readonly List<Socket> _line = [];

    public DeafServer()
    {
        _listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        _listener.Listen(0);
        Address = new Uri($"http://127.0.0.1:{((IPEndPoint)_listener.LocalEndPoint!).Port}/");

        // The kernel completes a connection or two by itself; those behind them get no answer.
        for (var waiting = 0; waiting < 4; waiting++)
        {
            var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            _line.Add(socket);
            _ = socket.ConnectAsync(_listener.LocalEndPoint!).ContinueWith(static done => done.Exception, TaskScheduler.Default);
        }
    }

    public Uri Address { get; }

    public void Dispose()
    {
        _line.ForEach(socket => socket.Dispose());
        _listener.Dispose();
    }
}
