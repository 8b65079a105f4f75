namespace Resilience.Polly.Http;

/// <summary>Reads the body of an answer and measures how long nothing comes. Ends the attempt with the body.</summary>
internal sealed class TimedReadStream(Stream body, PhaseClock clock, TimedResponseContent owner) : Stream
{
    private int _reading;
    private bool _ended;

    public override bool CanRead => true;

    public override bool CanWrite => false;

    public override bool CanSeek => false;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (_ended || buffer.IsEmpty)
        {
            return body.ReadAsync(buffer, cancellationToken);
        }

        // A token other than the one of the call has to be listened to beside it.
        if (cancellationToken.CanBeCanceled && cancellationToken != clock.CallerToken && cancellationToken != clock.Token)
        {
            return ListeningAsync(buffer, cancellationToken);
        }

        var read = body.ReadAsync(buffer, clock.Token);
        if (!read.IsCompletedSuccessfully)
        {
            return TimedAsync(read);
        }

        var count = read.Result;
        EndAfter(count);
        return new(count);
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override int Read(byte[] buffer, int offset, int count) => ReadAsync(buffer, offset, count, default).GetAwaiter().GetResult();

    public override void Flush()
    {
    }

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        body.Dispose();
        _ended = true;

        // While another thread still reads, the clock stays with that read.
        owner.End(canBeReused: Volatile.Read(ref _reading) == 0);
        base.Dispose(disposing);
    }

    private async ValueTask<int> ListeningAsync(Memory<byte> buffer, CancellationToken cancellationToken)
    {
        // Giving up a read closes the connection, and with it the attempt, whatever the token was meant for.
        using var listening = cancellationToken.UnsafeRegister(static clock => ((PhaseClock)clock!).GiveUp(), clock);
        try
        {
            return await TimedAsync(body.ReadAsync(buffer, clock.Token)).ConfigureAwait(false);
        }
        catch (OperationCanceledException cancelled) when (cancellationToken.IsCancellationRequested)
        {
            throw new TaskCanceledException(cancelled.Message, cancelled, cancellationToken);
        }
    }

    private async ValueTask<int> TimedAsync(ValueTask<int> read)
    {
        Interlocked.Increment(ref _reading);
        clock.Start(owner.Message, TimeoutPhase.Read);
        try
        {
            var count = await read.ConfigureAwait(false);
            clock.Stop(owner.Message);
            Interlocked.Decrement(ref _reading);
            EndAfter(count);
            return count;
        }
        catch (Exception failure)
        {
            Interlocked.Decrement(ref _reading);
            var explained = owner.Map(clock.Explain(owner.Message, failure));
            if (ReferenceEquals(explained, failure))
            {
                throw;
            }

            throw explained;
        }
    }

    private void EndAfter(int count)
    {
        if (count == 0 && !_ended)
        {
            _ended = true;
            owner.End(canBeReused: true);
        }
    }
}
