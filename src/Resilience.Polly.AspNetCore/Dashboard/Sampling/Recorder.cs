using Resilience.Polly.AspNetCore.Dashboard.Page;

namespace Resilience.Polly.AspNetCore.Dashboard.Sampling;

/// <summary>Samples the pipelines and turns the samples into events of a stream, each written once for all pages. Not thread-safe.</summary>
internal sealed class Recorder(IResilienceMonitor monitor, IResilienceAdvisor advisor, EventLog log, DashboardOptions options, TimeProvider clock)
{
    private readonly Dictionary<string, PipelineHistory> _tracks = new(StringComparer.OrdinalIgnoreCase);
    private readonly Queue<long> _times = new();
    private readonly HistoryMemory _memory = new(options.MaxHistoryMegabytes * 1_048_576L);
    private IReadOnlyList<Advice> _advice = [];
    private IReadOnlyList<Advice>? _observed;
    private bool _isAdviceStale;
    private bool _hasNewAdvice;
    private IReadOnlyList<LogEntry> _news = [];
    private string[] _gone = [];
    private DateTimeOffset _sampledAt;
    private long _timestamp;
    private long _since;
    private byte[]? _whole;

    /// <summary>Whether some pipeline has no history because the memory for histories is used up.</summary>
    public bool IsMemoryUsedUp => _memory.IsUsedUp;

    public void Sample()
    {
        var snapshots = monitor.GetSnapshots();
        var now = clock.GetTimestamp();
        var elapsed = _times.Count == 0 ? TimeSpan.Zero : clock.GetElapsedTime(_timestamp, now);
        (_timestamp, _sampledAt, _whole) = (now, clock.GetUtcNow(), null);
        foreach (var snapshot in snapshots)
        {
            if (!_tracks.TryGetValue(snapshot.Name, out var track))
            {
                _tracks.Add(snapshot.Name, track = new(snapshot, options.Points, _memory));
            }

            track.Add(snapshot, elapsed);
        }

        var observed = advisor.GetObservedAdvice();
        _hasNewAdvice = !ReferenceEquals(observed, _observed);
        (_observed, _isAdviceStale) = (observed, _isAdviceStale | _hasNewAdvice);
        _gone = snapshots.Count == _tracks.Count ? [] : Forget(snapshots);
        _news = log.Drain(_sampledAt);
        if (_times.Count == options.Points)
        {
            _times.Dequeue();
        }

        var at = _sampledAt.ToUnixTimeMilliseconds();
        _since = _times.Count == 0 ? at : _since;
        _times.Enqueue(at);
    }

    /// <summary>What the last sample changed, as an event of a stream.</summary>
    public byte[] Changes() => StreamEvent.Write("tick", json =>
    {
        var hasOtherSettings = Describe();
        json.WriteNumber("at", _sampledAt.ToUnixTimeMilliseconds());
        json.WriteStates(_tracks.Values.Where(track => track.IsChanged));
        json.Write("log", _news, DashboardJson.Default.IReadOnlyListLogEntry);
        if (_gone.Length > 0)
        {
            json.Write("gone", _gone, DashboardJson.Default.StringArray);
        }

        if (hasOtherSettings)
        {
            json.WriteSettings(_tracks.Values.Where(track => track.AreSettingsChanged));
        }

        if (hasOtherSettings || _hasNewAdvice)
        {
            json.Write("advice", _advice, DashboardJson.Default.IReadOnlyListAdvice);
        }
    });

    /// <summary>The whole state that a new page needs, as an event of a stream; the same bytes until the next sample.</summary>
    public byte[] Whole() => _whole ??= StreamEvent.Write("whole", json =>
    {
        Describe();
        json.WriteNumber("at", _sampledAt.ToUnixTimeMilliseconds());
        json.WriteNumber("since", _since);
        json.WriteNumber("interval", options.Interval.TotalMilliseconds);
        json.WriteNumber("span", options.History.TotalMilliseconds);
        json.WriteString("instance", options.Instance);
        json.WriteString("version", Assets.Version);
        json.Write("times", _times, DashboardJson.Default.IEnumerableInt64);
        json.WriteStates(_tracks.Values);
        json.WriteSettings(_tracks.Values);
        json.WriteHistory(_tracks.Values);
        json.Write("advice", _advice, DashboardJson.Default.IReadOnlyListAdvice);
        json.Write("log", log.Entries, DashboardJson.Default.IReadOnlyListLogEntry);
    });

    private bool Describe()
    {
        foreach (var track in _tracks.Values)
        {
            track.Describe();
        }

        var hasOtherSettings = _tracks.Values.Any(track => track.AreSettingsChanged);

        // Advice changes with the settings and with the observed calls.
        if (hasOtherSettings || _isAdviceStale)
        {
            (_advice, _isAdviceStale) = (advisor.GetAdvice(), false);
        }

        return hasOtherSettings;
    }

    private string[] Forget(IReadOnlyList<PipelineSnapshot> snapshots)
    {
        var names = snapshots.Select(snapshot => snapshot.Name).ToHashSet(StringComparer.OrdinalIgnoreCase);
        string[] gone = [.. _tracks.Keys.Where(name => !names.Contains(name))];
        foreach (var name in gone)
        {
            _tracks.Remove(name, out var track);
            track!.History.Release();
        }

        return gone;
    }
}
