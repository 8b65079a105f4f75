using Resilience.Polly.Events;

namespace Resilience.Polly.CircuitBreakers;

/// <summary>Counts the open circuits of a pipeline. If too many are open, it keeps further ones closed: the fault is then on our side.</summary>
internal sealed class OpenCircuits(PipelineEvents events)
{
    /// <summary>The fewest circuits for which the share counts: one of two would already be half.</summary>
    public const int FewestToLimit = 4;

    private readonly Lock _gate = new();
    private int _limit = int.MaxValue;
    private bool _isHeld;

    /// <summary>How many are open or half-open, without those that are isolated by hand.</summary>
    public int Count { get; private set; }

    /// <summary>Sets how many circuits there are. A limit below the number that are open closes none of them.</summary>
    public void Limit(int circuits, double maxShare)
    {
        lock (_gate)
        {
            _limit = LimitOf(circuits, maxShare);
            NoteRoom();
        }
    }

    /// <summary>The same for one closed circuit less, unless too large a share of the rest would be open.</summary>
    public bool TryLimit(int circuits, double maxShare)
    {
        lock (_gate)
        {
            if (Count > circuits * maxShare)
            {
                return false;
            }

            _limit = LimitOf(circuits, maxShare);
            NoteRoom();
            return true;
        }
    }

    /// <summary>Counts a circuit that is about to open, if it may. Reports the first one that may not, since the last one that could.</summary>
    /// <param name="partition">The partition of the circuit.</param>
    public bool TryOpen(string? partition)
    {
        int open;
        lock (_gate)
        {
            if (Count < _limit)
            {
                Count++;
                return true;
            }

            if (_isHeld)
            {
                return false;
            }

            _isHeld = true;
            open = Count;
        }

        events.OpenShareReached(partition, open);
        return false;
    }

    /// <summary>Counts a circuit that has opened without asking, for example because its isolation is over.</summary>
    public void Opened()
    {
        lock (_gate)
        {
            Count++;
        }
    }

    public void Closed()
    {
        lock (_gate)
        {
            Count--;
            NoteRoom();
        }
    }

    private static int LimitOf(int circuits, double maxShare) => circuits < FewestToLimit ? int.MaxValue : (int)Math.Floor(circuits * maxShare);

    // Under the lock.
    private void NoteRoom() => _isHeld &= Count >= _limit;
}
