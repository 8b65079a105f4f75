namespace Resilience.Polly.Tests.Bulkheads;

/// <summary>The bulkhead of design section 6 as two lists: those inside, and those in line in the order in which they came.</summary>
internal sealed class BulkheadModel(int limit)
{
    private readonly List<int> _inside = [];
    private readonly List<(int Call, TimeSpan Until)> _line = [];
    private TimeSpan _now;

    public int Limit { get; private set; } = limit;

    public int Peak { get; private set; }

    public IReadOnlyList<int> Inside => _inside;

    public IReadOnlyList<int> Line => [.. _line.Select(waiter => waiter.Call)];

    /// <summary>When the first in line to lose patience does so; <see langword="null"/> when nobody waits.</summary>
    public TimeSpan? NextTimeout => _line.Count == 0 ? null : _line.Min(waiter => waiter.Until) - _now;

    /// <summary>Whether the call comes in or waits, and is not rejected at once.</summary>
    public bool Enter(int call, TimeSpan acquisition, int? maxQueue)
    {
        if (_inside.Count >= Limit && (acquisition == TimeSpan.Zero || _line.Count >= maxQueue))
        {
            return false;
        }

        _line.Add((call, _now + acquisition));
        Serve();
        return true;
    }

    public void Leave(int call)
    {
        _inside.Remove(call);
        Serve();
    }

    public void GiveUp(int call) => _line.RemoveAll(waiter => waiter.Call == call);

    public void Change(int limit)
    {
        Limit = limit;
        Serve();
    }

    public void Advance(TimeSpan by)
    {
        _now += by;
        _line.RemoveAll(waiter => waiter.Until <= _now);
    }

    private void Serve()
    {
        while (_line.Count > 0 && _inside.Count < Limit)
        {
            _inside.Add(_line[0].Call);
            _line.RemoveAt(0);
        }

        Peak = Math.Max(Peak, _inside.Count);
    }
}
