using System.IO.Pipelines;
using System.Threading.Channels;

namespace Resilience.Polly.AspNetCore.Dashboard.Streaming;

/// <summary>One page that looks. It is offered what all others are offered, and dropped when it takes too little of it: it comes back for the whole.</summary>
internal sealed class StreamClient(byte[] whole) : IDisposable
{
    private const int Capacity = 16;

    private readonly CancellationTokenSource _dropped = new();
    private readonly Channel<byte[]> _frames = Channel.CreateBounded<byte[]>(new BoundedChannelOptions(Capacity) { SingleReader = true });

    /// <summary>Cancelled when there is no more to come.</summary>
    public CancellationToken Dropped => _dropped.Token;

    /// <summary>Never waits: the frames that a full queue cannot take would be missing in the charts of the page.</summary>
    public void Offer(byte[] frame)
    {
        if (!_frames.Writer.TryWrite(frame))
        {
            Drop();
        }
    }

    // Not on this thread, which tells all others too.
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
