using System.IO.Pipelines;
using System.Threading.Channels;

namespace Resilience.Polly.AspNetCore.Dashboard.Streaming;

/// <summary>The stream to one page. All pages get the same frames. A page that reads too slowly is disconnected; it reconnects and gets the whole state.</summary>
internal sealed class StreamClient(byte[] whole) : IDisposable
{
    private const int Capacity = 16;

    private readonly CancellationTokenSource _dropped = new();
    private readonly Channel<byte[]> _frames = Channel.CreateBounded<byte[]>(new BoundedChannelOptions(Capacity) { SingleReader = true });

    /// <summary>Cancelled when the page gets no more frames.</summary>
    public CancellationToken Dropped => _dropped.Token;

    /// <summary>Queues a frame and never waits. If the queue is full, it disconnects the page, since its charts would miss frames.</summary>
    public void Offer(byte[] frame)
    {
        if (!_frames.Writer.TryWrite(frame))
        {
            Drop();
        }
    }

    // Asynchronous, since this thread also serves the other pages.
    public void Drop() => _ = _dropped.CancelAsync();

    public void Dispose() => _dropped.Dispose();

    public async Task WriteToAsync(PipeWriter output, CancellationToken cancellationToken)
    {
        await output.WriteAsync(whole, cancellationToken).ConfigureAwait(false);
        await foreach (var frame in _frames.Reader.ReadAllAsync(cancellationToken).ConfigureAwait(false))
        {
            await output.WriteAsync(frame, cancellationToken).ConfigureAwait(false);
        }
    }
}
