namespace Resilience.Polly.Tests.Bulkheads;

/// <summary>Calls that come, fail, wait and try again, as one list of events: what a pipeline with one bulkhead and plain waits must do. Times are milliseconds.</summary>
internal sealed class PausingModel(int limit, int acquisition, int maxAttempts, int minWait, bool holds)
{
    private readonly PriorityQueue<(Action Act, LinkedListNode<PausingCall>? Place), int> _events = new();
    private readonly LinkedList<PausingCall> _line = new();

    public int Now { get; private set; }

    public int InUse { get; private set; }

    public int Waiting => _line.Count;

    public int Paused { get; private set; }

    /// <summary>Attempts that began.</summary>
    public int Begun { get; private set; }

    /// <summary>Waits that began: for a slot, and for a retry.</summary>
    public int Waits { get; private set; }

    /// <summary>Two events at one moment: which one comes first is nobody's promise, and the run proves nothing.</summary>
    public bool HasTie { get; private set; }

    public void Add(PausingCall call) => At(call.ArrivesAt, () => Enter(call));

    /// <summary>Does the next event; <see langword="false"/> where there is none.</summary>
    public bool Step()
    {
        while (_events.TryDequeue(out var next, out var at))
        {
            if (next.Place is { List: null })
            {
                continue; // it has its slot
            }

            Now = at;
            next.Act();
            HasTie |= _events.TryPeek(out _, out var then) && then == at;
            return true;
        }

        return false;
    }

    private void At(int time, Action act, LinkedListNode<PausingCall>? place = null) => _events.Enqueue((act, place), time);

    private void Enter(PausingCall call)
    {
        if (InUse < limit && _line.Count == 0)
        {
            Begin(call);
        }
        else if (acquisition == 0)
        {
            Refuse(call);
        }
        else
        {
            Waits++;
            var place = _line.AddLast(call);
            At(Now + acquisition, () =>
            {
                _line.Remove(place);
                Refuse(call);
            }, place);
        }
    }

    private void Begin(PausingCall call)
    {
        InUse++;
        Paused -= call.Attempts > 0 ? 1 : 0;
        Attempt(call);
    }

    private void Refuse(PausingCall call)
    {
        Paused -= call.Attempts > 0 ? 1 : 0;
        call.End = call.Attempts > 0 ? "failed" : "rejected";
    }

    private void Attempt(PausingCall call)
    {
        Begun++;
        var (takes, fails) = call.Script[call.Attempts++];
        At(Now + takes, () =>
        {
            if (fails && call.Attempts < maxAttempts)
            {
                Wait(call);
                return;
            }

            call.End = fails ? "failed" : "succeeded";
            Leave();
        });
    }

    private void Wait(PausingCall call)
    {
        Waits++;
        if (holds)
        {
            At(Now + WaitAfter(call.Attempts), () => Attempt(call));
            return;
        }

        Paused++;
        At(Now + WaitAfter(call.Attempts), () => Enter(call));
        Leave();
    }

    private int WaitAfter(int attempt) => minWait << (attempt - 1);

    private void Leave()
    {
        InUse--;
        if (_line.First is { } first)
        {
            _line.RemoveFirst();
            Begin(first.Value);
        }
    }
}

/// <summary>One call: when it comes, and how each of its attempts goes.</summary>
internal sealed class PausingCall(int arrivesAt, IReadOnlyList<(int Takes, bool Fails)> script)
{
    public int ArrivesAt => arrivesAt;

    public IReadOnlyList<(int Takes, bool Fails)> Script => script;

    public int Attempts { get; set; }

    /// <summary>How it ended.</summary>
    public string? End { get; set; }
}
