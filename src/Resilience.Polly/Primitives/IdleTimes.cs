namespace Resilience.Polly.Primitives;

/// <summary>Since when each of many things has been idle. For one thread at a time.</summary>
internal sealed class IdleTimes<T>(TimeProvider clock)
    where T : class
{
    private readonly Dictionary<T, long> _since = [];

    /// <summary>Whether a thing has been idle for a time. To call once a second for each of them.</summary>
    public bool HasBeenIdle(T thing, bool isIdle, TimeSpan time)
    {
        if (!isIdle)
        {
            _since.Remove(thing);
            return false;
        }

        var now = clock.GetTimestamp();
        if (!_since.TryGetValue(thing, out var since))
        {
            _since[thing] = since = now;
        }

        return clock.GetElapsedTime(since, now) >= time;
    }

    public void Forget(T thing) => _since.Remove(thing);
}
