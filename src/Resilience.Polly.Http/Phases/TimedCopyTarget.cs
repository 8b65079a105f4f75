using Resilience.Polly.Http.Contents;

namespace Resilience.Polly.Http.Phases;

/// <summary>
/// The target to which the body of an answer is copied. Written data has come, so the copy waits for the network between two writes and not during one.
/// </summary>
internal sealed class TimedCopyTarget(Stream target, AttemptMessage message, PhaseClock clock, CancellationToken cancellationToken) : WriteOnlyStream
{
    private Lock? _timing; // set if the body did not come at once
    private int _isWriting;

    /// <summary>Whether the target failed.</summary>
    public bool HasFailed { get; private set; }

    /// <summary>The body does not come at once, so the wait for it is measured from here on.</summary>
    public void BeginTiming()
    {
        var timing = new Lock();
        lock (timing)
        {
            Interlocked.Exchange(ref _timing, timing); // either a write sees it, or the write is seen here
            if (Volatile.Read(ref _isWriting) == 0)
            {
                clock.Tell(message, MessageEvent.ReadBegun);
            }
        }
    }

    public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken _ = default)
    {
        Move(isWriting: true);
        ValueTask write;
        try
        {
            write = target.WriteAsync(buffer, cancellationToken);
        }
        catch
        {
            HasFailed = true;
            throw;
        }

        return write.IsCompletedSuccessfully ? Ended(write) : EndAsync(write);
    }

    public override void Write(ReadOnlySpan<byte> buffer)
    {
        Move(isWriting: true);
        try
        {
            target.Write(buffer);
        }
        catch
        {
            HasFailed = true;
            throw;
        }

        Move(isWriting: false);
    }

    public override Task FlushAsync(CancellationToken _) => target.FlushAsync(cancellationToken);

    public override void Flush() => target.Flush();

    private ValueTask Ended(ValueTask written)
    {
        Move(isWriting: false);
        return written;
    }

    private async ValueTask EndAsync(ValueTask write)
    {
        try
        {
            await write.ConfigureAwait(false);
        }
        catch
        {
            HasFailed = true;
            throw;
        }

        Move(isWriting: false);
    }

    private void Move(bool isWriting)
    {
        Interlocked.Exchange(ref _isWriting, isWriting ? 1 : 0);
        if (Volatile.Read(ref _timing) is { } timing)
        {
            lock (timing)
            {
                clock.Tell(message, isWriting ? MessageEvent.ReadEnded : MessageEvent.ReadBegun);
            }
        }
    }
}
