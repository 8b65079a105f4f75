using System.Net;
using System.Net.Sockets;
using System.Text;

namespace AotConsole;

/// <summary>A service on a real socket. It answers the first request 503, and the others with a receipt.</summary>
internal sealed class Bank : IDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private int _requests;

    public Bank()
    {
        _listener.Start();
        Address = new Uri($"http://127.0.0.1:{((IPEndPoint)_listener.LocalEndpoint).Port}/");
        _ = AcceptAsync();
    }

    public Uri Address { get; }

    public int Requests => Volatile.Read(ref _requests);

    public void Dispose() => _listener.Dispose();

    private async Task AcceptAsync()
    {
        while (true)
        {
            using var connection = await _listener.AcceptTcpClientAsync();
            await AnswerAsync(connection.GetStream());
        }
    }

    private async Task AnswerAsync(NetworkStream stream)
    {
        var seen = new StringBuilder();
        var buffer = new byte[4096];
        while (!IsWhole(seen.ToString()))
        {
            seen.Append(Encoding.ASCII.GetString(buffer, 0, await stream.ReadAsync(buffer)));
        }

        var (status, body) = Interlocked.Increment(ref _requests) == 1 ? ("503 Service Unavailable", "") : ("200 OK", """{"text":"paid"}""");
        await stream.WriteAsync(Encoding.ASCII.GetBytes(
            $"HTTP/1.1 {status}\r\nConnection: close\r\nContent-Type: application/json\r\nContent-Length: {body.Length}\r\n\r\n{body}"));
    }

    // With the end of its headers and, where it has one, of its JSON.
    private static bool IsWhole(string request) =>
        request.Contains("\r\n\r\n", StringComparison.Ordinal) && (request.StartsWith("GET", StringComparison.Ordinal) || request.Contains('}', StringComparison.Ordinal));
}
