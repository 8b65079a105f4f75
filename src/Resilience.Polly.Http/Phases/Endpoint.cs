namespace Resilience.Polly.Http.Phases;

/// <summary>
/// The connections to one server, to know what a request without a connection waits for. Notifies the waiting
/// requests when that changes.
/// </summary>
/// <param name="maxConnections">The most connections at once.</param>
/// <param name="forget">Called once, when it has no users any more.</param>
internal sealed class Endpoint(int maxConnections, Action<Endpoint> forget)
{
    private readonly Lock _lock = new();
    private readonly HashSet<IConnectionWaiter> _waiting = [];
    private int _users;
    private bool _isForgotten;
    private int _opening;
    private int _open;
    private int _openMultiplexed;

    /// <summary>Adds a user. Each user calls <see cref="Exit"/> once.</summary>
    /// <returns>Whether it is still the endpoint of its server.</returns>
    public bool TryEnter()
    {
        lock (_lock)
        {
            if (_isForgotten)
            {
                return false;
            }

            _users++;
            return true;
        }
    }

    public void Exit()
    {
        lock (_lock)
        {
            _users--;
            ForgetIfUnused();
        }
    }

    /// <summary>Whether no further connection can be opened now: a request must wait for one in use.</summary>
    /// <param name="multiplexed">Whether the request wants HTTP/2, where one connection has many streams and only one is opened at a time.</param>
    public bool IsFull(bool multiplexed)
    {
        lock (_lock)
        {
            return multiplexed && _openMultiplexed > 0 ? _opening == 0 : _opening + _open >= maxConnections;
        }
    }

    /// <summary>A request begins to wait. Its caller is a user until this returns.</summary>
    public void Join(IConnectionWaiter waiter)
    {
        lock (_lock)
        {
            _waiting.Add(waiter);
        }
    }

    public void Leave(IConnectionWaiter waiter)
    {
        lock (_lock)
        {
            _waiting.Remove(waiter);
            ForgetIfUnused();
        }
    }

    public void Opening() => Change(opening: 1, open: 0, multiplexed: 0);

    public void Opened(bool multiplexed) => Change(opening: -1, open: 1, multiplexed: multiplexed ? 1 : 0);

    public void Failed() => Change(opening: -1, open: 0, multiplexed: 0);

    public void Closed(bool multiplexed) => Change(opening: 0, open: -1, multiplexed: multiplexed ? -1 : 0);

    private void Change(int opening, int open, int multiplexed)
    {
        IConnectionWaiter[] waiting;
        lock (_lock)
        {
            _opening += opening;
            _open += open;
            _openMultiplexed += multiplexed;
            waiting = _waiting.Count == 0 ? [] : [.. _waiting];
        }

        // Outside the lock: a clock takes its own lock first, and then this one.
        foreach (var waiter in waiting)
        {
            waiter.LookAgain();
        }
    }

    private void ForgetIfUnused()
    {
        if (_users == 0 && _waiting.Count == 0 && !_isForgotten)
        {
            _isForgotten = true;
            forget(this);
        }
    }
}

/// <summary>A request that waits for a connection to an <see cref="Endpoint"/>.</summary>
internal interface IConnectionWaiter
{
    /// <summary>The connections have changed, and so perhaps what the request waits for.</summary>
    void LookAgain();
}
