using Resilience.Polly.Http.Contents;

namespace Resilience.Polly.Http.Phases;

/// <summary>
/// Writes a body to the transport in slices, and measures each of them. The time between two writes belongs to the body
/// and is not measured.
/// </summary>
internal sealed class TimedWriteStream(Stream transport, AttemptMessage message, PhaseClock clock) : WriteOnlyStream
{
    // Small enough to see that a slow but steady server takes data.
    private const int SmallSlice = 64 * 1024;

    // For a transport that takes a slice at once, since each write wakes the reader at the other end.
    private const int LargeSlice = 256 * 1024;

    private readonly Uri? _address = message.RequestUri;

    /// <summary>Whether the transport failed.</summary>
    public bool HasFailed { get; private set; }

    public override bool CanWrite => transport.CanWrite;

    public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default) =>
        buffer.Length <= SmallSlice ? Timed(transport.WriteAsync(buffer, cancellationToken)) : SlicedAsync(buffer, cancellationToken);

    public override void Write(ReadOnlySpan<byte> buffer) => WriteAsync(buffer.ToArray()).AsTask().GetAwaiter().GetResult();

    public override Task FlushAsync(CancellationToken cancellationToken) => Timed(new ValueTask(transport.FlushAsync(cancellationToken))).AsTask();

    public override void Flush() => FlushAsync(default).GetAwaiter().GetResult();

    private async ValueTask SlicedAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken)
    {
        for (var slice = SmallSlice; !buffer.IsEmpty;)
        {
            var length = Math.Min(slice, buffer.Length);
            var write = transport.WriteAsync(buffer[..length], cancellationToken);
            slice = write.IsCompletedSuccessfully ? LargeSlice : SmallSlice;
            await Timed(write).ConfigureAwait(false);
            buffer = buffer[length..];
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

    /// <summary>A redirect may come before the body was sent. Further writes of it are not measured.</summary>
    public void Tell(MessageEvent what)
    {
        if (ReferenceEquals(_address, message.RequestUri))
        {
            clock.Tell(message, what);
        }
    }
}
