using System.Net;
using Resilience.Polly.Http.Contents;

namespace Resilience.Polly.Http.Phases;

/// <summary>The body of an answer. Every reader reads it under the read limit.</summary>
internal sealed class TimedResponseContent(HttpContent content, AttemptMessage message, PhaseClock clock) : WrappedContent(content)
{
    private TimedReadStream? _stream;
    private bool _isTaken;

    public AttemptMessage Message => message;

    /// <summary>Maps a failure to read after the call has ended; unchanged until then.</summary>
    public Func<Exception, Exception> Map { get; set; } = static failure => failure;

    protected override Task PassOnAsync(Stream target, TransportContext? context, CancellationToken cancellationToken)
    {
        if (_isTaken || cancellationToken.IsCancellationRequested)
        {
            // The inner content decides whether it can be read a second time.
            return Inner.CopyToAsync(target, context, cancellationToken);
        }

        _isTaken = true;
        var timed = new TimedCopyTarget(target, message, clock, cancellationToken);
        var copying = Inner.CopyToAsync(timed, context, clock.ReadToken);
        if (!copying.IsCompletedSuccessfully)
        {
            return TimedAsync(copying, timed, cancellationToken);
        }

        clock.AnswerEnds(message);
        return Task.CompletedTask;
    }

    protected override Task<Stream> CreateContentReadStreamAsync() => CreateContentReadStreamAsync(default);

    protected override async Task<Stream> CreateContentReadStreamAsync(CancellationToken cancellationToken) =>
        _stream ?? Timed(await Inner.ReadAsStreamAsync(cancellationToken).ConfigureAwait(false));

    protected override Stream CreateContentReadStream(CancellationToken cancellationToken) =>
        _stream ?? Timed(Inner.ReadAsStream(cancellationToken));

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _stream?.Dispose();
            Inner.Dispose();
            clock.AnswerEnds(message);
        }

        base.Dispose(disposing);
    }

    private TimedReadStream Timed(Stream body)
    {
        _isTaken = true;
        return _stream = new(body, clock, this);
    }

    private async Task TimedAsync(Task copying, TimedCopyTarget target, CancellationToken cancellationToken)
    {
        target.BeginTiming();
        try
        {
            using var cancelling = cancellationToken.UnsafeRegister(static content => ((TimedResponseContent)content!).CancelRead(), this);
            await copying.ConfigureAwait(false);
        }
        catch (Exception failure)
        {
            clock.Tell(message, MessageEvent.ReadEnded);
            if (target.HasFailed)
            {
                throw;
            }

            var read = CopyFailure.Unwrap(failure);
            var known = Known(read, cancellationToken);
            var mapped = known is OperationCanceledException ? known : Map(known);
            if (ReferenceEquals(mapped, read))
            {
                throw;
            }

            throw mapped;
        }

        clock.Tell(message, MessageEvent.ReadEnded);
        clock.AnswerEnds(message);
    }

    /// <summary>The exception for what ended a read: a limit, the reader with its own token, or the failure itself.</summary>
    public Exception Known(Exception failure, CancellationToken cancellationToken) => clock.Explain(message, failure) switch
    {
        OperationCanceledException cancelled when cancellationToken.IsCancellationRequested =>
            new TaskCanceledException(cancelled.Message, cancelled, cancellationToken),
        var known => known,
    };

    public void CancelRead() => clock.CancelRead(message);
}
