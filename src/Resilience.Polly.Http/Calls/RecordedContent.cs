using System.Net;

namespace Resilience.Polly.Http;

/// <summary>The body of one attempt: the content of the request with a record of what it writes, or what the record has. Does not own the content.</summary>
internal sealed class RecordedContent : HttpContent
{
    private readonly BodyRecord _record;
    private readonly int _bound;

    public RecordedContent(HttpContent content, BodyRecord record, int bound)
    {
        (Original, _record, _bound) = (content, record, bound);
        HeaderCopy.Copy(content, this);
    }

    /// <summary>The content of the request, whose type says how .NET sends it.</summary>
    public HttpContent Original { get; }

    /// <summary>Whether it can be sent now.</summary>
    public bool CanSend => _record.CanSend;

    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) =>
        _record.SendAsync(stream, context, _bound, default);

    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken) =>
        _record.SendAsync(stream, context, _bound, cancellationToken);

    // Where it is known, the header has it, on each attempt alike.
    protected override bool TryComputeLength(out long length)
    {
        length = 0;
        return false;
    }
}
