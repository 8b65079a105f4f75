namespace Resilience.Polly.Http;

/// <summary>
/// Writes a body to the transport in slices, and measures each of them. The time between two writes is the body's
/// own, and is not measured.
/// </summary>
internal sealed class TimedWriteStream(Stream transport, AttemptMessage message) : Stream
{
    // Large enough to cost nothing, small enough that a slow but steady server is seen to take something.
    private const int Slice = 64 * 1024;

    private readonly Uri? _address = message.RequestUri;

    // A redirect may have come before the body was sent. What is still written of it is not measured.
    private PhaseClock? Clock => ReferenceEquals(_address, message.RequestUri) ? message.Clock : null;

    /// <summary>Whether it was the transport that failed.</summary>
    public bool HasFailed { get; private set; }

    public override bool CanRead => false;

    public override bool CanWrite => true;

    public override bool CanSeek => false;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (buffer.Length <= Slice)
        {
            var write = transport.WriteAsync(buffer, cancellationToken);
            return write.IsCompletedSuccessfully ? write : TimedAsync(write);
        }

        return SlicedAsync(buffer, cancellationToken);
    }

    public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        WriteAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override void Write(byte[] buffer, int offset, int count) => WriteAsync(buffer, offset, count, default).GetAwaiter().GetResult();

    public override Task FlushAsync(CancellationToken cancellationToken) => TimedAsync(new ValueTask(transport.FlushAsync(cancellationToken))).AsTask();

    public override void Flush() => FlushAsync(default).GetAwaiter().GetResult();

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    private async ValueTask SlicedAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken)
    {
        for (; !buffer.IsEmpty; buffer = buffer[Math.Min(Slice, buffer.Length)..])
        {
            await TimedAsync(transport.WriteAsync(buffer[..Math.Min(Slice, buffer.Length)], cancellationToken)).ConfigureAwait(false);
        }
    }

    private async ValueTask TimedAsync(ValueTask write)
    {
        Clock?.Start(message, TimeoutPhase.Write);
        try
        {
            await write.ConfigureAwait(false);
        }
        catch
        {
            HasFailed = true;
            throw;
        }

        Clock?.Stop(message);
    }
}
