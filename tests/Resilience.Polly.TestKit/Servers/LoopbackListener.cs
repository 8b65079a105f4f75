using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;

namespace Resilience.Polly.TestKit;

/// <summary>Accepts connections on a free loopback port, and serves each until it ends or the listener is disposed.</summary>
public sealed class LoopbackListener : IAsyncDisposable
{
    private readonly Socket _listener = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
    private readonly CancellationTokenSource _stop = new();
    private readonly ConcurrentDictionary<int, Task> _serving = new();
    private readonly Func<Socket, int, CancellationToken, Task> _serve;
    private readonly Task _accepting;
    private int _connections;
    private int _open;

    /// <param name="serve">Serves a connection, which has a number from 1, and closes it. Whatever it throws ends it.</param>
    public LoopbackListener(Func<Socket, int, CancellationToken, Task> serve)
    {
        _serve = serve;
        _listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        _listener.Listen(512);
        _accepting = AcceptAsync();
    }

    public int Port => ((IPEndPoint)_listener.LocalEndPoint!).Port;

    /// <summary>Connections so far.</summary>
    public int Connections => Volatile.Read(ref _connections);

    /// <summary>Connections now.</summary>
    public int Open => Volatile.Read(ref _open);

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _listener.Dispose();
        await _accepting;
        await Task.WhenAll(_serving.Values);
        _stop.Dispose();
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                var socket = await _listener.AcceptAsync(_stop.Token);
                socket.NoDelay = true;
                var number = Interlocked.Increment(ref _connections);
                _serving[number] = Task.Run(() => ServeAsync(socket, number));
            }
        }
        catch (Exception ended) when (ended is OperationCanceledException or SocketException or ObjectDisposedException)
        {
        }
    }

    private async Task ServeAsync(Socket socket, int number)
    {
        Interlocked.Increment(ref _open);
        try
        {
            using (socket)
            {
                await _serve(socket, number, _stop.Token);
            }
        }
        catch (Exception ended) when (ended is OperationCanceledException or SocketException or IOException or ObjectDisposedException)
        {
            // The client has gone, or the test is over.
        }
        finally
        {
            Interlocked.Decrement(ref _open);
            _serving.TryRemove(number, out _);
        }
    }
}
