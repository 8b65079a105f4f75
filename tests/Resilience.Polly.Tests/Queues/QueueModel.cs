namespace Resilience.Polly.Tests.Queues;

/// <summary>The queue of design section 9 as lists: those outside, those in line, those in work, and the ends of the pauses.</summary>
internal sealed class QueueModel(int capacity, int workers, TimeSpan enqueueTimeout, TimeSpan pause)
{
    private readonly List<(int Item, TimeSpan Until)> _outside = [];
    private readonly List<int> _line = [];
    private readonly List<int> _running = [];
    private readonly List<TimeSpan> _pauses = [];
    private readonly List<int> _order = [];
    private TimeSpan _now;

    public IReadOnlyList<int> Outside => [.. _outside.Select(waiter => waiter.Item)];

    public IReadOnlyList<int> Line => _line;

    public IReadOnlyList<int> Running => _running;

    public int Paused => _pauses.Count;

    public int Accepted => _order.Count;

    public int Completed { get; private set; }

    public int Failed { get; private set; }

    public int Cancelled { get; private set; }

    public int Rejected { get; private set; }

    public int Requeued { get; private set; }

    /// <summary>Timers that were ever needed.</summary>
    public int Timers { get; private set; }

    public void Enqueue(int item)
    {
        if (_outside.Count == 0 && _line.Count < capacity)
        {
            Accept(item);
        }
        else if (enqueueTimeout == TimeSpan.Zero)
        {
            Rejected++;
        }
        else
        {
            _outside.Add((item, _now + enqueueTimeout));
            Timers++;
        }

        Serve();
    }

    public void Complete(int item) => Completed += End(item);

    public void Fail(int item) => Failed += End(item);

    public void MeetSaturation(int item)
    {
        _running.Remove(item);
        _line.Add(item);
        _line.Sort((left, right) => _order.IndexOf(left).CompareTo(_order.IndexOf(right)));
        _pauses.Add(_now + pause);
        Requeued++;
        Timers++;
        Serve();
    }

    public void Cancel(int item)
    {
        if (_outside.RemoveAll(waiter => waiter.Item == item) == 0)
        {
            Cancelled += _line.Remove(item) || _running.Remove(item) ? 1 : 0;
        }

        Serve();
    }

    public void Advance(TimeSpan by)
    {
        _now += by;
        Rejected += _outside.RemoveAll(waiter => waiter.Until <= _now);
        _pauses.RemoveAll(until => until <= _now);
        Serve();
    }

    private int End(int item)
    {
        _running.Remove(item);
        Serve();
        return 1;
    }

    private void Accept(int item)
    {
        _order.Add(item);
        _line.Add(item);
    }

    private void Serve()
    {
        var moved = true;
        while (moved)
        {
            moved = false;
            if (_line.Count > 0 && _running.Count + _pauses.Count < workers)
            {
                _running.Add(_line[0]);
                _line.RemoveAt(0);
                moved = true;
            }

            while (_outside.Count > 0 && _line.Count < capacity)
            {
                Accept(_outside[0].Item);
                _outside.RemoveAt(0);
                moved = true;
            }
        }
    }
}
