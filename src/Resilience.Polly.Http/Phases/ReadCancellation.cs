namespace Resilience.Polly.Http.Phases;

/// <summary>Cancels the reads of an answer: only the current one, or all of them.</summary>
#pragma warning disable CA1001 // a source without a timer has nothing to dispose, and the transport may still listen to it
internal sealed class ReadCancellation
#pragma warning restore CA1001
{
    private readonly Lock _lock = new();
    private CancellationTokenSource _source = new();
    private bool _all;

    /// <summary>For the next read. There is one reader at a time.</summary>
    public CancellationToken Token
    {
        get
        {
            if (_source.IsCancellationRequested)
            {
                lock (_lock)
                {
                    _source = _all ? _source : new CancellationTokenSource();
                }
            }

            return _source.Token;
        }
    }

    public void CancelOne() => _source.Cancel();

    public void CancelAll()
    {
        CancellationTokenSource source;
        lock (_lock)
        {
            (_all, source) = (true, _source);
        }

        source.Cancel();
    }

    /// <summary>Whether it can be reused for another answer. This answer has no reader any more.</summary>
    public bool TryReset() => !_all && (_source.IsCancellationRequested || _source.TryReset());
}
