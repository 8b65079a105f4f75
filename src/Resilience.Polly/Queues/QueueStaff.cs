namespace Resilience.Polly.Queues;

/// <summary>How many workers a queue has, and whether it needs another one. Under the lock of the queue.</summary>
internal sealed class QueueStaff
{
    private int _workers;
    private int _coming;

    /// <summary>Whether there may be workers yet.</summary>
    public bool IsStarted { get; set; }

    /// <summary>Workers that rest.</summary>
    public int Paused { get; set; }

    public bool TryHire(int waiting, int limit)
    {
        // Those that were hired and have not taken an item yet will take one each.
        if (!IsStarted || waiting <= _coming || _workers >= limit)
        {
            return false;
        }

        _workers++;
        _coming++;
        return true;
    }

    /// <summary>A worker asks for an item; whether it may have one.</summary>
    public bool Ask(bool isNew, int limit)
    {
        _coming -= isNew ? 1 : 0;
        return _workers <= limit;
    }

    public void Leave() => _workers--;
}
