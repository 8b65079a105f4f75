using System.Net;
using System.Runtime.CompilerServices;

namespace Resilience.Polly.Http.Contents;

/// <summary>
/// What a body that may be readable only once wrote when it was sent, kept so that it can be sent again.
/// </summary>
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
    /// The record for one call. A stream is gone once it was read, whichever call did so, and its record stays with it. Any other content is asked
    /// anew by each call, as a plain client asks it: what it writes may have changed, and only the content knows whether it can write again.
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
                "Give each request a content of its own, or one that can be repeated, such as ByteArrayContent.");
        }
    }

    /// <summary>Remembers that the body was sent by somebody who kept nothing of it.</summary>
    public void Lose()
    {
        if (_state == State.Unsent)
        {
            _state = State.Lost;
        }
    }

    /// <summary>Sends the body, and keeps it where it is not larger than <paramref name="bound"/>.</summary>
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
            // A transport that breaks stops the body in the middle of a write, perhaps the last one. Only a body that tells its length shows that.
            var isWhole = copy.Bytes is { } kept && (ended || kept.Length == _content.Headers.ContentLength);
            _bytes = isWhole ? copy.Bytes!.Value : default;
            _state = isWhole ? State.Whole : State.Lost;
        }
    }
}
