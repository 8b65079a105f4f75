using System.Net;

namespace Resilience.Polly.Http;

/// <summary>The body of an answer, read under the read limit whoever reads it, and owner of the clock until it is read or given up.</summary>
internal sealed class TimedResponseContent : HttpContent
{
    private readonly HttpContent _content;
    private readonly AttemptMessage _message;
    private readonly PhaseClockPool _clocks;
    private PhaseClock? _clock;
    private Stream? _stream;

    public TimedResponseContent(HttpContent content, AttemptMessage message, PhaseClock clock, PhaseClockPool clocks)
    {
        (_content, _message, _clock, _clocks) = (content, message, clock, clocks);
        HeaderCopy.Copy(content, this);
    }

    public AttemptMessage Message => _message;

    /// <summary>What becomes of a failure to read, once the call that it belongs to has ended; unchanged until then.</summary>
    public Func<Exception, Exception> Map { get; set; } = static failure => failure;

    public void End(bool canBeReused)
    {
        if (Interlocked.Exchange(ref _clock, null) is not { } clock)
        {
            return;
        }

        if (canBeReused)
        {
            _clocks.End(clock, _message);
        }
        else
        {
            clock.End(_message);
        }
    }

    protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken)
    {
        var body = await OpenAsync(cancellationToken).ConfigureAwait(false);
        await body.CopyToAsync(stream, cancellationToken).ConfigureAwait(false);
    }

    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) => SerializeToStreamAsync(stream, context, default);

    protected override Task<Stream> CreateContentReadStreamAsync() => CreateContentReadStreamAsync(default);

    protected override Task<Stream> CreateContentReadStreamAsync(CancellationToken cancellationToken) => OpenAsync(cancellationToken).AsTask();

    protected override Stream CreateContentReadStream(CancellationToken cancellationToken) =>
        _stream ??= Timed(_content.ReadAsStream(cancellationToken));

    private async ValueTask<Stream> OpenAsync(CancellationToken cancellationToken) =>
        _stream ??= Timed(await _content.ReadAsStreamAsync(cancellationToken).ConfigureAwait(false));

    private Stream Timed(Stream body) => _clock is { } clock ? new TimedReadStream(body, clock, this) : body;

    // Where it is known, the header has it.
    protected override bool TryComputeLength(out long length)
    {
        length = 0;
        return false;
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _stream?.Dispose();
            _content.Dispose();
            End(canBeReused: true);
        }

        base.Dispose(disposing);
    }
}
