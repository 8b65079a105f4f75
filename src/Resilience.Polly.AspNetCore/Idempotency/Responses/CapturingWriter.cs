using System.Buffers;
using System.IO.Pipelines;

namespace Resilience.Polly.AspNetCore.Idempotency.Responses;

/// <summary>Keeps what a handler writes, up to a limit. Beyond it, all of it goes to the caller as it comes.</summary>
/// <param name="start">Gets the response ready to be sent, and gives the writer to the caller.</param>
/// <param name="limit">How many bytes are kept at most.</param>
internal sealed class CapturingWriter(Func<ValueTask<PipeWriter>> start, int limit) : PipeWriter
{
    private readonly ArrayBufferWriter<byte> _kept = new();
    private PipeWriter? _through;
    private long _flushed;

    /// <summary>Whether there was more than the limit.</summary>
    public bool IsThrough => _through is not null;

    public ReadOnlyMemory<byte> Kept => _kept.WrittenMemory;

    public override bool CanGetUnflushedBytes => true;

    public override long UnflushedBytes => _through is null ? _kept.WrittenCount - _flushed : _through.UnflushedBytes;

    public override Memory<byte> GetMemory(int sizeHint = 0) => _through is null ? _kept.GetMemory(sizeHint) : _through.GetMemory(sizeHint);

    public override Span<byte> GetSpan(int sizeHint = 0) => _through is null ? _kept.GetSpan(sizeHint) : _through.GetSpan(sizeHint);

    public override void Advance(int bytes)
    {
        if (_through is null)
        {
            _kept.Advance(bytes);
        }
        else
        {
            _through.Advance(bytes);
        }
    }

    public override async ValueTask<FlushResult> FlushAsync(CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        if (_through is null)
        {
            if (_kept.WrittenCount <= limit)
            {
                _flushed = _kept.WrittenCount;
                return default;
            }

            _through = await start().ConfigureAwait(false);
            await _through.WriteAsync(_kept.WrittenMemory, cancellationToken).ConfigureAwait(false);
            _kept.Clear();
        }

        return await _through.FlushAsync(cancellationToken).ConfigureAwait(false);
    }

    public override void CancelPendingFlush() => _through?.CancelPendingFlush();

    // The server completes its own writer when the request ends.
    public override void Complete(Exception? exception = null)
    {
    }
}
