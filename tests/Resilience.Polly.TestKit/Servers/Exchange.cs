using System.Globalization;
using System.Net.Sockets;
using System.Text;

namespace Resilience.Polly.TestKit;

/// <summary>The server's end of one connection: reads requests, writes whatever bytes it is told to.</summary>
internal sealed class Exchange(Socket socket, int number) : IDisposable
{
    private readonly NetworkStream _stream = new(socket, ownsSocket: true);
    private readonly byte[] _buffer = new byte[64 * 1024];
    private int _from;
    private int _to;

    /// <summary>The next head, with no body yet; <see langword="null"/> when the client has closed.</summary>
    public async Task<SeenRequest?> ReadHeadAsync(CancellationToken stop)
    {
        while (true)
        {
            var end = _buffer.AsSpan(_from, _to - _from).IndexOf("\r\n\r\n"u8);
            if (end >= 0)
            {
                var lines = Encoding.ASCII.GetString(_buffer, _from, end).Split("\r\n");
                _from += end + 4;
                var first = lines[0].Split(' ');
                return new(number, first[0], first[1], [.. lines[1..].Select(line => (line[..line.IndexOf(':')], line[(line.IndexOf(':') + 1)..].Trim()))], []);
            }

            if (!await FillAsync(stop))
            {
                return null;
            }
        }
    }

    public async Task<byte[]> ReadBodyAsync(SeenRequest head, CancellationToken stop)
    {
        using var body = new MemoryStream();
        await ReadBodyAsync(head, part => { body.Write(part.Span); return Task.CompletedTask; }, stop);
        return body.ToArray();
    }

    /// <summary>Hands on every part of the body as it comes; the next is read when that is done.</summary>
    public async Task ReadBodyAsync(SeenRequest head, Func<ReadOnlyMemory<byte>, Task> take, CancellationToken stop)
    {
        if (string.Equals(head.Header("Transfer-Encoding"), "chunked", StringComparison.OrdinalIgnoreCase))
        {
            while (int.Parse(await ReadLineAsync(stop), NumberStyles.HexNumber, CultureInfo.InvariantCulture) is > 0 and var size)
            {
                await ReadAsync(size, take, stop);
                await ReadLineAsync(stop);
            }

            await ReadLineAsync(stop);
        }
        else if (head.Header("Content-Length") is { } length)
        {
            await ReadAsync(long.Parse(length, CultureInfo.InvariantCulture), take, stop);
        }
    }

    public Task WriteAsync(string text, CancellationToken stop) => WriteAsync(Encoding.UTF8.GetBytes(text), stop);

    public Task WriteAsync(ReadOnlyMemory<byte> bytes, CancellationToken stop) => _stream.WriteAsync(bytes, stop).AsTask();

    /// <summary>Ends the connection in good order: the client gets all that was written, whatever it is still sending.</summary>
    public async Task EndAsync(CancellationToken stop)
    {
        socket.Shutdown(SocketShutdown.Send);
        while (await _stream.ReadAsync(_buffer, stop) > 0)
        {
        }
    }

    /// <summary>Ends the connection so that the client sees a reset.</summary>
    public void Reset()
    {
        // The socket, not its stream: that would say goodbye first.
        socket.LingerState = new LingerOption(enable: true, seconds: 0);
        socket.Dispose();
    }

    public void Dispose() => _stream.Dispose();

    private async Task ReadAsync(long length, Func<ReadOnlyMemory<byte>, Task> take, CancellationToken stop)
    {
        while (length > 0)
        {
            if (_from == _to && !await FillAsync(stop))
            {
                throw new EndOfStreamException();
            }

            var count = (int)Math.Min(length, _to - _from);
            await take(_buffer.AsMemory(_from, count));
            (_from, length) = (_from + count, length - count);
        }
    }

    private async Task<string> ReadLineAsync(CancellationToken stop)
    {
        int end;
        while ((end = _buffer.AsSpan(_from, _to - _from).IndexOf("\r\n"u8)) < 0)
        {
            if (!await FillAsync(stop))
            {
                throw new EndOfStreamException();
            }
        }

        var line = Encoding.ASCII.GetString(_buffer, _from, end);
        _from += end + 2;
        return line;
    }

    private async Task<bool> FillAsync(CancellationToken stop)
    {
        _buffer.AsSpan(_from, _to - _from).CopyTo(_buffer);
        (_from, _to) = (0, _to - _from);
        var count = await _stream.ReadAsync(_buffer.AsMemory(_to), stop);
        _to += count;
        return count > 0;
    }
}
