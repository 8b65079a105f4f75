using System.Net;

namespace Resilience.Polly.Http.Contents;

/// <summary>The body of one attempt: the content of the request with a record of what it writes, or what the record has. Does not own the content.</summary>
internal sealed class RecordedContent(HttpContent content, BodyRecord record, int bound) : WrappedContent(content)
{
    /// <summary>The content of the request, whose type says how .NET sends it.</summary>
    public HttpContent Original => Inner;

    /// <summary>Whether it can be sent now.</summary>
    public bool CanSend => record.CanSend;

    protected override Task PassOnAsync(Stream target, TransportContext? context, CancellationToken cancellationToken) =>
        record.SendAsync(target, context, bound, cancellationToken);
}
