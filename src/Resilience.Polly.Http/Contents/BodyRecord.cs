using System.Net;
using System.Runtime.CompilerServices;

namespace Resilience.Polly.Http.Contents;

/// <summary>The bytes of a body, kept while it is sent: it may be readable only once.</summary>
internal sealed class BodyRecord
{
    private static readonly ConditionalWeakTable<HttpContent, BodyRecord> Streams = new();

    private readonly HttpContent _content;
    private volatile State _state;
    private ReadOnlyMemory<byte> _bytes;

    private BodyRecord(HttpContent content) => _content = content;

    private enum State
    {
        Unsent,
        Sending,
        Whole,
        Lost,
    }

    /// <summary>Whether the body can be sent now: it was not read yet, or all of it was kept.</summary>
    public bool CanSend => _state is State.Unsent or State.Whole;

    /// <summary>Whether all of it was kept.</summary>
    public bool IsWhole => _state == State.Whole;

    /// <summary>
    /// The record for one call. A stream can be read only once, by whichever call, so its record stays with it. Any other content writes
    /// itself again for each call, as in a plain client: its bytes may have changed, and only the content knows whether it can write again.
    /// </summary>
    public static BodyRecord For(HttpContent content) =>
        content is StreamContent ? Streams.GetValue(content, static content => new(content)) : new(content);

    /// <exception cref="InvalidOperationException">The body was sent before, and was not kept.</exception>
    public void ThrowIfSpent()
    {
        if (!CanSend)
        {
            throw new InvalidOperationException(
                $"The body of the request ({_content.GetType().Name}) was sent before and cannot be read twice. " +
                "Give each request its own content, or one that can be repeated, such as ByteArrayContent.");
        }
    }

    /// <summary>Notes that other code sent the body and kept nothing of it.</summary>
    public void Lose()
    {
        if (_state == State.Unsent)
        {
            _state = State.Lost;
        }
    }

    /// <summary>Sends the body, and keeps it if it is not larger than <paramref name="bound"/>.</summary>
    public async Task SendAsync(Stream target, TransportContext? context, int bound, CancellationToken cancellationToken)
    {
        if (IsWhole)
        {
            await target.WriteAsync(_bytes, cancellationToken).ConfigureAwait(false);
            return;
        }

        ThrowIfSpent();
        _state = State.Sending;
        var copy = new BodyCopyStream(target, bound);
        var ended = false;
        try
        {
            await _content.CopyToAsync(copy, context, cancellationToken).ConfigureAwait(false);
            ended = true;
        }
        finally
        {
            // If the transport breaks, the body stops in the middle of a write, perhaps the last one. Only its length shows whether anything is missing.
            var isWhole = copy.Bytes is { } kept && (ended || kept.Length == _content.Headers.ContentLength);
            _bytes = isWhole ? copy.Bytes!.Value : default;
            _state = isWhole ? State.Whole : State.Lost;
        }
    }
}

/// <summary>The body of one attempt: the content of the request with a record of what it writes, or the bytes of the record. It does not own the content.</summary>
internal sealed class RecordedContent(HttpContent content, BodyRecord record, int bound) : WrappedContent(content)
{
    /// <summary>The content of the request. Its type decides how .NET sends it.</summary>
    public HttpContent Original => Inner;

    public bool CanSend => record.CanSend;

    protected override Task PassOnAsync(Stream target, TransportContext? context, CancellationToken cancellationToken) =>
        record.SendAsync(target, context, bound, cancellationToken);
}

/// <summary>Passes a body on as it is written, and keeps a copy of it up to a bound.</summary>
internal sealed class BodyCopyStream(Stream target, int bound) : WriteOnlyStream
{
    private MemoryStream? _copy = new();

    /// <summary>All written bytes; nothing if there were more than the bound.</summary>
    public ReadOnlyMemory<byte>? Bytes => _copy?.GetBuffer().AsMemory(0, (int)_copy.Length);

    public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        Keep(buffer.Span);
        return target.WriteAsync(buffer, cancellationToken);
    }

    public override void Write(ReadOnlySpan<byte> buffer)
    {
        Keep(buffer);
        target.Write(buffer);
    }

    public override Task FlushAsync(CancellationToken cancellationToken) => target.FlushAsync(cancellationToken);

    public override void Flush() => target.Flush();

    // Before it is passed on: bytes that the transport refuses belong to the body too.
    private void Keep(ReadOnlySpan<byte> bytes)
    {
        if (_copy?.Length + bytes.Length > bound)
        {
            _copy = null;
        }

        _copy?.Write(bytes);
    }
}
