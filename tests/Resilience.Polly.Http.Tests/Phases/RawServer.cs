using System.Net.Sockets;
using System.Text;

namespace Resilience.Polly.Http.Tests.Phases;

/// <summary>Reads the head of a request, writes the bytes that it is told for the path of that request, and closes.</summary>
internal sealed class RawServer : IAsyncDisposable
{
    private readonly LoopbackListener _listener;

    public RawServer(Func<string, Func<string, Task>, CancellationToken, Task> answer) => _listener = new LoopbackListener(async (socket, _, stop) =>
    {
        var (buffer, count) = (new byte[16 * 1024], 0);
        while (!buffer.AsSpan(0, count).EndsWith("\r\n\r\n"u8))
        {
            count += await socket.ReceiveAsync(buffer.AsMemory(count), stop) is > 0 and var received ? received : throw new EndOfStreamException();
        }

        await answer(
            Encoding.ASCII.GetString(buffer, 0, count).Split(' ')[1],
            async text => await socket.SendAsync(Encoding.ASCII.GetBytes(text), stop),
            stop);
        socket.Shutdown(SocketShutdown.Send);
        await socket.ReceiveAsync(buffer, stop);
    });

    public Uri Address => new($"http://127.0.0.1:{_listener.Port}/");

    public ValueTask DisposeAsync() => _listener.DisposeAsync();
}
