using Resilience.Polly.Http.Contents;

namespace Resilience.Polly.Http.Phases;

/// <summary>
/// Writes a body to the transport, and measures how long it takes each piece. The time between two writes is the body's
/// own, and is not measured.
/// </summary>
internal sealed class TimedWriteStream(Stream transport, AttemptMessage message, PhaseClock clock) : WriteOnlyStream
{
    /// <summary>What has the write limit for itself. Small enough that a slow but steady server is seen to take something.</summary>
    public const int Piece = 64 * 1024;

    private readonly Uri? _address = message.RequestUri;

    // The socket that takes what is written as it is, so that it can say of each piece that it is gone.
    private TrackedSocketStream? _socket;

    /// <summary>Whether it was the transport that failed.</summary>
    public bool HasFailed { get; private set; }

    public override bool CanWrite => transport.CanWrite;

    public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default) =>
        buffer.Length <= Piece ? Timed(transport.WriteAsync(buffer, cancellationToken)) : PiecesAsync(buffer, cancellationToken);

    public override void Write(ReadOnlySpan<byte> buffer) => WriteAsync(buffer.ToArray()).AsTask().GetAwaiter().GetResult();

    public override Task FlushAsync(CancellationToken cancellationToken) => Timed(new ValueTask(transport.FlushAsync(cancellationToken))).AsTask();

    public override void Flush() => FlushAsync(default).GetAwaiter().GetResult();

    private async ValueTask PiecesAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken)
    {
        for (; _socket is null && buffer.Length > Piece; buffer = buffer[Piece..])
        {
            await Timed(TrackedSocketStream.Follow(transport, buffer[..Piece], cancellationToken, out _socket)).ConfigureAwait(false);
        }

        _socket?.Writer = this;
        try
        {
            // All the rest at once: a write for each piece would make the system wake the reader at the other end as often.
            await Timed(transport.WriteAsync(buffer, cancellationToken)).ConfigureAwait(false);
        }
        finally
        {
            _socket?.Writer = null;
        }
    }

    private ValueTask Timed(ValueTask write) => write.IsCompletedSuccessfully ? write : TimedAsync(write);

    private async ValueTask TimedAsync(ValueTask write)
    {
        Tell(MessageEvent.PieceBegun);
        try
        {
            await write.ConfigureAwait(false);
        }
        catch
        {
            HasFailed = true;
            throw;
        }

        Tell(MessageEvent.PieceEnded);
    }

    /// <summary>The transport has taken a piece of a write that goes on.</summary>
    public void PieceTaken()
    {
        Tell(MessageEvent.PieceEnded);
        Tell(MessageEvent.PieceBegun);
    }

    /// <summary>A redirect may have come before the body was sent. What is still written of it is not measured.</summary>
    public void Tell(MessageEvent what)
    {
        if (ReferenceEquals(_address, message.RequestUri))
        {
            clock.Tell(message, what);
        }
    }
}
