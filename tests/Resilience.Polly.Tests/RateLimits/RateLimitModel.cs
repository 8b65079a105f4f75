namespace Resilience.Polly.Tests.RateLimits;

/// <summary>The rate limit as a number of permits and a list of those in line, moved on millisecond by millisecond. Times are milliseconds.</summary>
internal sealed class RateLimitModel(RateLimitVariant rate)
{
    private readonly List<(int Call, decimal Latest)> _line = [];
    private RateLimitVariant _rate = rate;
    private decimal _permits = rate.Burst;
    private int _now;
    private int _coolUntil;

    public IReadOnlyList<int> Line => [.. _line.Select(waiter => waiter.Call)];

    public HashSet<int> Entered { get; } = [];

    public long Available => (long)_permits;

    public int CoolDown => Math.Max(0, _coolUntil - _now);

    /// <returns>When a permit would be there, where the call is refused; <see langword="null"/> where it comes in or waits.</returns>
    public decimal? Enter(int call)
    {
        if (_line.Count == 0 && TryTake())
        {
            Entered.Add(call);
            return null;
        }

        var readyAt = ReadyAt(_line.Count + 1);
        if (readyAt > _now + _rate.MaxWait)
        {
            return readyAt - _now;
        }

        _line.Add((call, _now + _rate.MaxWait));
        return null;
    }

    public void GiveUp(int call) => _line.RemoveAll(waiter => waiter.Call == call);

    public void AskToWait(int time)
    {
        _coolUntil = Math.Max(_coolUntil, _now + Math.Min(time, _rate.MaxCoolDown));
        LookAgain();
    }

    public void Change(RateLimitVariant rate)
    {
        // Rounded down to what one tick is worth.
        var parts = rate.Per * (decimal)TimeSpan.TicksPerMillisecond;
        (_rate, _permits) = (rate, Math.Min(Math.Floor(_permits * parts) / parts, rate.Burst));
        _coolUntil = Math.Min(_coolUntil, _now + rate.MaxCoolDown);
        LookAgain();
    }

    public void Advance(int milliseconds)
    {
        for (var passed = 0; passed < milliseconds; passed++)
        {
            _now++;
            _permits = Math.Min(_rate.Burst, _permits + ((decimal)_rate.Permits / _rate.Per));
            Serve();
        }
    }

    private void LookAgain()
    {
        for (var place = 0; place < _line.Count;)
        {
            if (ReadyAt(place + 1) > _line[place].Latest)
            {
                _line.RemoveAt(place);
            }
            else
            {
                place++;
            }
        }

        Serve();
    }

    private decimal ReadyAt(int place)
    {
        var permits = Math.Min(_rate.Burst, _permits + (CoolDown * (decimal)_rate.Permits / _rate.Per));
        return _now + CoolDown + (Math.Max(0, place - permits) * _rate.Per / _rate.Permits);
    }

    private void Serve()
    {
        while (_line.Count > 0 && TryTake())
        {
            Entered.Add(_line[0].Call);
            _line.RemoveAt(0);
        }
    }

    private bool TryTake()
    {
        if (CoolDown > 0 || _permits < 1)
        {
            return false;
        }

        _permits--;
        return true;
    }
}

/// <summary>Settings of a rate limit; times in milliseconds, and such that what one millisecond adds is a decimal fraction.</summary>
internal sealed record RateLimitVariant(int Permits, int Per, int Burst, int MaxWait, int MaxCoolDown)
{
    public string Json => $$"""
        { "Pipelines": { "payments": { "RateLimit": {
            "Permits": {{Permits}}, "Per": "{{TimeSpan.FromMilliseconds(Per):c}}", "Burst": {{Burst}},
            "MaxWait": "{{TimeSpan.FromMilliseconds(MaxWait):c}}", "MaxCoolDown": "{{TimeSpan.FromMilliseconds(MaxCoolDown):c}}" } } } }
        """;

    public static RateLimitVariant Draw(Random random) => new(
        Pick(random, 1, 2, 4, 5, 8, 10, 50), Pick(random, 100, 500, 1000, 2000), Pick(random, 1, 2, 3, 10), Pick(random, 0, 20, 250, 1000, 5000), Pick(random, 0, 100, 700, 3000));

    private static int Pick(Random random, params ReadOnlySpan<int> values) => values[random.Next(values.Length)];
}
