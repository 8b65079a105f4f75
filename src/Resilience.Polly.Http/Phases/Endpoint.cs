namespace Resilience.Polly.Http;

/// <summary>
/// The connections to one server, as far as they say what a request without a connection waits for. Tells those
/// who wait when that changes.
/// </summary>
internal sealed class Endpoint(int maxConnections)
{
    private readonly Lock _lock = new();
    private readonly HashSet<PhaseClock> _waiting = [];
    private int _opening;
    private int _open;
    private int _openMultiplexed;

    /// <summary>Whether another connection cannot be had now: one that is in use must become free.</summary>
    /// <param name="multiplexed">Whether the request wants HTTP/2, where one connection has many streams and only one is opened at a time.</param>
    public bool IsFull(bool multiplexed)
    {
        lock (_lock)
        {
            return multiplexed && _openMultiplexed > 0 ? _opening == 0 : _opening + _open >= maxConnections;
        }
    }

    public void Join(PhaseClock clock)
    {
        lock (_lock)
        {
            _waiting.Add(clock);
        }
    }

    public void Leave(PhaseClock clock)
    {
        lock (_lock)
        {
            _waiting.Remove(clock);
        }
    }

    public void Opening() => Change(opening: 1, open: 0, multiplexed: 0);

    public void Opened(bool multiplexed) => Change(opening: -1, open: 1, multiplexed: multiplexed ? 1 : 0);

    public void Failed() => Change(opening: -1, open: 0, multiplexed: 0);

    public void Closed(bool multiplexed) => Change(opening: 0, open: -1, multiplexed: multiplexed ? -1 : 0);

    private void Change(int opening, int open, int multiplexed)
    {
        PhaseClock[] waiting;
        lock (_lock)
        {
            _opening += opening;
            _open += open;
            _openMultiplexed += multiplexed;
            waiting = _waiting.Count == 0 ? [] : [.. _waiting];
        }

        // Outside the lock: a clock takes its own lock, and then this one.
        foreach (var clock in waiting)
        {
            clock.LookAgain();
        }
    }
}
