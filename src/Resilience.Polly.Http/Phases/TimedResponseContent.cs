using System.Net;

namespace Resilience.Polly.Http;

/// <summary>The body of an answer. Every reader reads it under the read limit.</summary>
internal sealed class TimedResponseContent : WrappedContent
{
    private readonly PhaseClock _clock;
    private readonly bool _opensAtOnce;
    private TimedReadStream? _stream;

    /// <param name="content">The body.</param>
    /// <param name="message">The message that it answers.</param>
    /// <param name="clock">Measures the reads.</param>
    /// <param name="opensAtOnce">Whether the body is one of .NET's transport, whose stream is there without waiting: a task less for each answer.</param>
    public TimedResponseContent(HttpContent content, AttemptMessage message, PhaseClock clock, bool opensAtOnce)
        : base(content) => (Message, _clock, _opensAtOnce) = (message, clock, opensAtOnce);

    public AttemptMessage Message { get; }

    /// <summary>What becomes of a failure to read, once the call that it belongs to has ended; unchanged until then.</summary>
    public Func<Exception, Exception> Map { get; set; } = static failure => failure;

    protected override async Task PassOnAsync(Stream target, TransportContext? context, CancellationToken cancellationToken)
    {
        if (_stream is not null)
        {
            // Whether it can be read a second time is for the content inside to say.
            await Inner.CopyToAsync(target, context, cancellationToken).ConfigureAwait(false);
            return;
        }

        var body = await OpenAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            await body.CopyToAsync(target, cancellationToken).ConfigureAwait(false);
        }
        catch (IOException broken) when (broken.InnerException is { } failure && ReferenceEquals(failure, body.Failure))
        {
            // Around what a stream throws HttpContent puts an HttpRequestException. This is one already, and says more.
            throw failure;
        }
    }

    protected override Task<Stream> CreateContentReadStreamAsync() => CreateContentReadStreamAsync(default);

    protected override async Task<Stream> CreateContentReadStreamAsync(CancellationToken cancellationToken) =>
        await OpenAsync(cancellationToken).ConfigureAwait(false);

    protected override Stream CreateContentReadStream(CancellationToken cancellationToken) =>
        _stream ??= Timed(Inner.ReadAsStream(cancellationToken));

    private async ValueTask<TimedReadStream> OpenAsync(CancellationToken cancellationToken) =>
        _stream ??= Timed(_opensAtOnce ? Inner.ReadAsStream(cancellationToken) : await Inner.ReadAsStreamAsync(cancellationToken).ConfigureAwait(false));

    private TimedReadStream Timed(Stream body) => new(body, _clock, this);

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _stream?.Dispose();
            Inner.Dispose();
            _clock.AnswerEnds(Message);
        }

        base.Dispose(disposing);
    }
}
