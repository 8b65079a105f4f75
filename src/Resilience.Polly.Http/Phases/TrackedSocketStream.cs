using System.Net.Sockets;
using System.Runtime.InteropServices;

namespace Resilience.Polly.Http.Phases;

/// <summary>A socket's stream that tells when it is closed, and of each piece of a large write that is gone.</summary>
internal sealed class TrackedSocketStream(Socket socket, Connection connection) : NetworkStream(socket, ownsSocket: true), ITracked
{
    // The bytes that this thread is giving to a transport, and the socket that they have come to.
    [ThreadStatic]
    private static byte[]? _followed;

    [ThreadStatic]
    private static TrackedSocketStream? _reached;

    public Connection Connection => connection;

    /// <summary>Who is told of the pieces of a large write, while there is one.</summary>
    public TimedWriteStream? Writer { get; set; }

    /// <summary>Writes to a transport, and sees where the bytes go.</summary>
    /// <param name="transport">The stream that a body is written to.</param>
    /// <param name="buffer">The bytes.</param>
    /// <param name="cancellationToken">Ends the write.</param>
    /// <param name="reached">The socket, where the very same bytes came to one: HTTP/1.1 without TLS, on a connection that no other request has.</param>
    public static ValueTask Follow(Stream transport, ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken, out TrackedSocketStream? reached)
    {
        _followed = MemoryMarshal.TryGetArray(buffer, out var bytes) ? bytes.Array : null;
        try
        {
            var write = transport.WriteAsync(buffer, cancellationToken);
            reached = _reached;
            return write;
        }
        finally
        {
            (_followed, _reached) = (null, null);
        }
    }

    public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (_followed is not null && MemoryMarshal.TryGetArray(buffer, out var bytes) && bytes.Array == _followed)
        {
            _reached = this;
        }

        return buffer.Length > TimedWriteStream.Piece && Writer is { } writer
            ? PiecesAsync(buffer, writer, cancellationToken)
            : base.WriteAsync(buffer, cancellationToken);
    }

    protected override void Dispose(bool disposing)
    {
        base.Dispose(disposing);
        connection.Closed();
    }

    /// <summary>
    /// Gives the system all that it takes at once. For what it does not take it is waited piece by piece: a pending write would not tell
    /// how far it has come.
    /// </summary>
    private async ValueTask PiecesAsync(ReadOnlyMemory<byte> buffer, TimedWriteStream writer, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        while (true)
        {
            buffer = buffer[SendAtOnce(buffer.Span)..];
            if (buffer.IsEmpty)
            {
                return;
            }

            var piece = Math.Min(TimedWriteStream.Piece, buffer.Length);
            await base.WriteAsync(buffer[..piece], cancellationToken).ConfigureAwait(false);
            writer.PieceTaken();
            buffer = buffer[piece..];
        }
    }

    /// <summary>Sends without waiting. There is one writer at a time, and who reads does so asynchronously, which this mode does not concern.</summary>
    /// <returns>How much was taken.</returns>
    private int SendAtOnce(ReadOnlySpan<byte> bytes)
    {
        try
        {
            Socket.Blocking = false;
            var taken = Socket.Send(bytes, SocketFlags.None, out var error);
            Socket.Blocking = true;
            return error is SocketError.Success or SocketError.WouldBlock ? taken : throw new SocketException((int)error);
        }
        catch (Exception failure) when (failure is SocketException or ObjectDisposedException)
        {
            throw new IOException(failure.Message, failure); // as the stream itself throws it
        }
    }
}
