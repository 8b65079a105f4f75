namespace Resilience.Polly.Tests.Degradation;

internal enum FallbackKind
{
    None,
    Value,
    Delegate,
}

/// <summary>What a scatter-gather does, said once more and as plainly as can be: a list of parts and a clock.</summary>
internal sealed class GatherModel(IReadOnlyList<FallbackKind> kinds, int deadline, int grace)
{
    private readonly bool[] _isFallingBack = new bool[kinds.Count];
    private readonly bool?[] _callAnswers = new bool?[kinds.Count];
    private readonly bool?[] _fallbackAnswers = new bool?[kinds.Count];

    public ScatterPartState[] States { get; } = new ScatterPartState[kinds.Count];

    public int Now { get; private set; }

    public bool IsCancelled { get; private set; }

    public bool HasEnded => Array.TrueForAll(States, state => state != ScatterPartState.Pending);

    public bool IsPastDeadline => Now >= deadline;

    public bool IsOpenCall(int part) => _callAnswers[part] is null;

    public bool IsOpenFallback(int part) => _fallbackAnswers[part] is null;

    public void EndCall(int part, bool answers)
    {
        _callAnswers[part] = answers;
        if (States[part] == ScatterPartState.Pending && !_isFallingBack[part])
        {
            if (answers)
            {
                States[part] = ScatterPartState.Answered;
            }
            else
            {
                FallBack(part);
            }
        }
    }

    public void EndFallback(int part, bool answers)
    {
        _fallbackAnswers[part] = answers;
        if (States[part] == ScatterPartState.Pending && _isFallingBack[part])
        {
            FallBack(part);
        }
    }

    public void Advance(int time)
    {
        Now += time;
        if (Now >= deadline)
        {
            ForPending(part =>
            {
                if (!_isFallingBack[part])
                {
                    FallBack(part);
                }
            });
        }

        if (Now >= deadline + grace)
        {
            ForPending(part => States[part] = ScatterPartState.Missing);
        }
    }

    public void Cancel()
    {
        IsCancelled |= !HasEnded;
        ForPending(part => States[part] = ScatterPartState.Missing);
    }

    private void FallBack(int part)
    {
        _isFallingBack[part] = true;
        States[part] = (kinds[part], _fallbackAnswers[part]) switch
        {
            (FallbackKind.None, _) or (FallbackKind.Delegate, false) => ScatterPartState.Missing,
            (FallbackKind.Value, _) or (FallbackKind.Delegate, true) => ScatterPartState.Fallback,
            _ => ScatterPartState.Pending,
        };
    }

    private void ForPending(Action<int> act)
    {
        for (var part = 0; part < States.Length; part++)
        {
            if (States[part] == ScatterPartState.Pending)
            {
                act(part);
            }
        }
    }
}
