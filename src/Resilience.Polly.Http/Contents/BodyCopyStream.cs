namespace Resilience.Polly.Http.Contents;

/// <summary>Passes a body on as it is written, and keeps a copy of it up to a bound.</summary>
internal sealed class BodyCopyStream(Stream target, int bound) : WriteOnlyStream
{
    private MemoryStream? _copy = new();

    /// <summary>All that was written; nothing where that was more than the bound.</summary>
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

    // Before it is passed on: what a transport refused is part of the body too.
    private void Keep(ReadOnlySpan<byte> bytes)
    {
        if (_copy is null)
        {
            return;
        }

        if (_copy.Length + bytes.Length > bound)
        {
            _copy = null;
            return;
        }

        _copy.Write(bytes);
    }
}
