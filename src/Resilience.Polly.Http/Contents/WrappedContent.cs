using System.Net;

namespace Resilience.Polly.Http.Contents;

/// <summary>A content around another one: it has the same headers and passes the bytes on in its own way.</summary>
internal abstract class WrappedContent : HttpContent
{
    protected WrappedContent(HttpContent content)
    {
        Inner = content;
        HeaderCopy.Copy(content, this);
    }

    protected HttpContent Inner { get; }

    protected abstract Task PassOnAsync(Stream target, TransportContext? context, CancellationToken cancellationToken);

    protected sealed override Task SerializeToStreamAsync(Stream stream, TransportContext? context) => PassOnAsync(stream, context, default);

    protected sealed override Task SerializeToStreamAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken) =>
        PassOnAsync(stream, context, cancellationToken);

    // If it is known, the header has it.
    protected sealed override bool TryComputeLength(out long length)
    {
        length = 0;
        return false;
    }
}
