using System.Net;
using Resilience.Polly.Http.Contents;

namespace Resilience.Polly.Http.Phases;

/// <summary>The body of an attempt, sent under the write limit. Other readers get the inner content.</summary>
internal static class TimedBody
{
    public static HttpContent Around(HttpContent content, AttemptMessage message) =>
        IsSentWhole(content) ? new SentWhole(content, message) : new Streamed(content, message);

    // .NET itself sends contents of these types whole before it reads the answer. Over HTTP/2 any other content may still be
    // sent while the answer is already read. .NET decides by the type of the content.
    private static bool IsSentWhole(HttpContent content) =>
        content is ByteArrayContent or StreamContent or MultipartContent or ReadOnlyMemoryContent
        || (content is RecordedContent recorded && IsSentWhole(recorded.Original));

    private static async Task SendAsync(
        HttpContent content, AttemptMessage message, Stream target, TransportContext? context, CancellationToken cancellationToken)
    {
        message.BodyStarted = message.MayHaveArrived = true;
        if (message.Clock is not { } clock || !clock.Tell(message, MessageEvent.BodyBegun))
        {
            await content.CopyToAsync(target, context, cancellationToken).ConfigureAwait(false);
            return;
        }

        message.BodyFailure = null; // of an earlier send by the transport
        var timed = new TimedWriteStream(target, message, clock);
        try
        {
            await content.CopyToAsync(timed, context, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception failure)
        {
            timed.Tell(MessageEvent.BodyBroke);
            if (!timed.HasFailed && !cancellationToken.IsCancellationRequested)
            {
                message.BodyFailure = CopyFailure.Unwrap(failure);
            }

            throw;
        }

        timed.Tell(MessageEvent.BodyEnded);
    }

    private sealed class Streamed(HttpContent content, AttemptMessage message) : WrappedContent(content)
    {
        protected override Task PassOnAsync(Stream target, TransportContext? context, CancellationToken cancellationToken) =>
            SendAsync(Inner, message, target, context, cancellationToken);

        protected override Task<Stream> CreateContentReadStreamAsync() => Inner.ReadAsStreamAsync();

        protected override Task<Stream> CreateContentReadStreamAsync(CancellationToken cancellationToken) => Inner.ReadAsStreamAsync(cancellationToken);

        protected override Stream CreateContentReadStream(CancellationToken cancellationToken) => Inner.ReadAsStream(cancellationToken);
    }

    // The same again, since .NET calls this overload.
    private sealed class SentWhole : ByteArrayContent
    {
        private readonly HttpContent _content;
        private readonly AttemptMessage _message;

        public SentWhole(HttpContent content, AttemptMessage message)
            : base([])
        {
            (_content, _message) = (content, message);
            HeaderCopy.Copy(content, this);
        }

        protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) =>
            SendAsync(_content, _message, stream, context, default);

        protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken) =>
            SendAsync(_content, _message, stream, context, cancellationToken);

        protected override Task<Stream> CreateContentReadStreamAsync() => _content.ReadAsStreamAsync();

        protected override Task<Stream> CreateContentReadStreamAsync(CancellationToken cancellationToken) => _content.ReadAsStreamAsync(cancellationToken);

        protected override Stream CreateContentReadStream(CancellationToken cancellationToken) => _content.ReadAsStream(cancellationToken);

        // If it is known, the header has it.
        protected override bool TryComputeLength(out long length)
        {
            length = 0;
            return false;
        }
    }
}
