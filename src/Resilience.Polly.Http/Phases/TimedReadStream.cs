using Resilience.Polly.Http.Contents;

namespace Resilience.Polly.Http.Phases;

/// <summary>
/// Reads the body of an answer and measures the time without data. The end of the body ends the attempt.
/// Everything else passes to the inner stream.
/// </summary>
internal sealed class TimedReadStream(Stream body, PhaseClock clock, TimedResponseContent owner) : UnseekableStream
{
    private bool _ended;

    public override bool CanRead => body.CanRead;

    public override bool CanWrite => body.CanWrite;

    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (_ended || cancellationToken.IsCancellationRequested)
        {
            return body.ReadAsync(buffer, cancellationToken);
        }

        var read = body.ReadAsync(buffer, clock.ReadToken);
        if (!read.IsCompletedSuccessfully)
        {
            return TimedAsync(read, buffer.IsEmpty, cancellationToken);
        }

        var count = read.Result;
        EndAfter(count, buffer.IsEmpty);
        return new(count);
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken)
    {
        ValidateBufferArguments(buffer, offset, count);
        return ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();
    }

    public override int Read(byte[] buffer, int offset, int count) => ReadAsync(buffer, offset, count, default).GetAwaiter().GetResult();

    public override IAsyncResult BeginRead(byte[] buffer, int offset, int count, AsyncCallback? callback, object? state) =>
        TaskToAsyncResult.Begin(ReadAsync(buffer, offset, count, default), callback, state);

    public override int EndRead(IAsyncResult asyncResult) => TaskToAsyncResult.End<int>(asyncResult);

    public override void CopyTo(Stream destination, int bufferSize)
    {
        if (_ended)
        {
            body.CopyTo(destination, bufferSize);
        }
        else
        {
            base.CopyTo(destination, bufferSize);
        }
    }

    public override Task CopyToAsync(Stream destination, int bufferSize, CancellationToken cancellationToken) =>
        _ended ? body.CopyToAsync(destination, bufferSize, cancellationToken) : base.CopyToAsync(destination, bufferSize, cancellationToken);

    public override void Flush() => body.Flush();

    public override Task FlushAsync(CancellationToken cancellationToken) => body.FlushAsync(cancellationToken);

    public override void Write(byte[] buffer, int offset, int count) => body.Write(buffer, offset, count);

    public override void Write(ReadOnlySpan<byte> buffer) => body.Write(buffer);

    public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        body.WriteAsync(buffer, offset, count, cancellationToken);

    public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default) =>
        body.WriteAsync(buffer, cancellationToken);

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            body.Dispose();
            _ended = true;
            clock.AnswerEnds(owner.Message);
        }

        base.Dispose(disposing);
    }

    private async ValueTask<int> TimedAsync(ValueTask<int> read, bool isEmpty, CancellationToken cancellationToken)
    {
        clock.Tell(owner.Message, MessageEvent.ReadBegun);
        int count;
        try
        {
            using var cancelling = cancellationToken.UnsafeRegister(static content => ((TimedResponseContent)content!).CancelRead(), owner);
            count = await read.ConfigureAwait(false);
        }
        catch (Exception failure)
        {
            clock.Tell(owner.Message, MessageEvent.ReadEnded);
            var thrown = Thrown(owner.Known(failure, cancellationToken));
            if (ReferenceEquals(thrown, failure))
            {
                throw;
            }

            throw thrown;
        }

        clock.Tell(owner.Message, MessageEvent.ReadEnded);
        EndAfter(count, isEmpty);
        return count;
    }

    /// <summary>
    /// Except for a cancellation, any failure of a read is an <see cref="IOException"/>, as from any stream: code
    /// that resumes a download, or wraps exceptions of a stream, expects that type. The exception of the call is inside.
    /// </summary>
    private Exception Thrown(Exception failure)
    {
        if (failure is OperationCanceledException)
        {
            return failure;
        }

        var mapped = owner.Map(failure);
        if (mapped is IOException || failure is not (IOException or PhaseTimeoutException))
        {
            return mapped;
        }

        return failure is HttpIOException http ? new HttpIOException(http.HttpRequestError, mapped.Message, mapped) : new IOException(mapped.Message, mapped);
    }

    private void EndAfter(int count, bool isEmpty)
    {
        // An empty read waits for the next byte, and takes none.
        if (count == 0 && !isEmpty && !_ended)
        {
            _ended = true;
            clock.AnswerEnds(owner.Message);
        }
    }
}
