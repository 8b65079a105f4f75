using System.Net;
using System.Net.Sockets;

namespace Resilience.Polly.TestKit;

/// <summary>A proxy that opens a tunnel for CONNECT, or takes the request and says nothing.</summary>
public sealed class ConnectProxy : IAsyncDisposable
{
    private readonly LoopbackListener _listener;
    private int _tunnels;
    private int _refusals;

    public ConnectProxy() => _listener = new LoopbackListener(ServeAsync);

    public Uri Address => new($"http://127.0.0.1:{_listener.Port}/");

    public IWebProxy Proxy => new WebProxy(Address) { BypassProxyOnLocal = false };

    public bool IsSilent { get; set; }

    /// <summary>The status with which it refuses to open tunnels, where it does.</summary>
    public int? Refuses { get; set; }

    /// <summary>The requests for tunnels that were refused.</summary>
    public int Refusals => Volatile.Read(ref _refusals);

    public int Tunnels => Volatile.Read(ref _tunnels);

    public ValueTask DisposeAsync() => _listener.DisposeAsync();

    private async Task ServeAsync(Socket socket, int number, CancellationToken stop)
    {
        using var client = new NetworkStream(socket, ownsSocket: false);
        using var exchange = new Exchange(socket, number);
        if (await exchange.ReadHeadAsync(stop) is not { Method: "CONNECT" } request || IsSilent)
        {
            await Task.Delay(Timeout.Infinite, stop);
            return;
        }

        if (Refuses is { } status)
        {
            Interlocked.Increment(ref _refusals);
            await exchange.WriteAsync($"HTTP/1.1 {status} No\r\nContent-Length: 0\r\nConnection: close\r\n\r\n", stop);
            return;
        }

        using var server = new Socket(SocketType.Stream, ProtocolType.Tcp);
        await server.ConnectAsync(new DnsEndPoint(request.Path.Split(':')[0], int.Parse(request.Path.Split(':')[1])), stop);
        Interlocked.Increment(ref _tunnels);
        await exchange.WriteAsync("HTTP/1.1 200 OK\r\n\r\n", stop);
        using var target = new NetworkStream(server, ownsSocket: false);
        await Task.WhenAny(client.CopyToAsync(target, stop), target.CopyToAsync(client, stop));
    }
}
