using System.Text.Json;
using Resilience.Polly.AspNetCore.Dashboard.Page;

namespace Resilience.Polly.AspNetCore.Dashboard.Sampling;

/// <summary>Takes the samples and turns them into what the pages are sent, each of it made once. Not for use by several threads.</summary>
internal sealed class Recorder(IResilienceMonitor monitor, IResilienceAdvisor advisor, EventLog log, DashboardOptions options, TimeProvider clock)
{
    private readonly Dictionary<string, PipelineHistory> _tracks = new(StringComparer.OrdinalIgnoreCase);
    private readonly Queue<long> _times = new();
    private IReadOnlyList<Advice> _advice = [];
    private IReadOnlyList<Advice>? _observed;
    private long _sampledAt;
    private byte[]? _whole;

    /// <summary>Looks at every pipeline once.</summary>
    /// <returns>What has changed since the last time, as an event of a stream.</returns>
    public byte[] Sample()
    {
        var now = clock.GetTimestamp();
        var elapsed = _times.Count == 0 ? TimeSpan.Zero : clock.GetElapsedTime(_sampledAt, now);
        _sampledAt = now;
        _whole = null;

        foreach (var snapshot in monitor.GetSnapshots())
        {
            if (!_tracks.TryGetValue(snapshot.Name, out var track))
            {
                _tracks.Add(snapshot.Name, track = new(snapshot, options.Points));
            }

            track.Add(snapshot, elapsed);
        }

        if (_times.Count == options.Points)
        {
            _times.Dequeue();
        }

        var at = clock.GetUtcNow();
        _times.Enqueue(at.ToUnixTimeMilliseconds());
        return StreamEvent.Write("tick", json => WriteChanges(json, at));
    }

    /// <summary>Everything that a page needs to begin with, as an event of a stream; the same bytes until the next sample.</summary>
    public byte[] Whole() => _whole ??= StreamEvent.Write("whole", json =>
    {
        json.WriteNumber("at", _times.Last());
        json.WriteNumber("interval", options.Interval.TotalMilliseconds);
        json.WriteNumber("span", options.History.TotalMilliseconds);
        json.WriteString("instance", Environment.MachineName);
        json.WriteString("version", Assets.Version);
        json.WriteNumbers("times", _times);
        json.WriteStates(_tracks.Values);
        json.WriteSettings(_tracks.Values);
        json.WriteHistory(_tracks.Values);
        json.WriteAdvice(_advice);
        json.WriteLog(log.Entries);
    });

    private void WriteChanges(Utf8JsonWriter json, DateTimeOffset at)
    {
        PipelineHistory[] reset = [.. _tracks.Values.Where(track => track.AreSettingsChanged)];
        json.WriteNumber("at", at.ToUnixTimeMilliseconds());
        json.WriteStates(_tracks.Values.Where(track => track.IsChanged));
        json.WriteLog(log.Drain(at));
        if (reset.Length > 0)
        {
            json.WriteSettings(reset);
        }

        // Advice changes with the settings, and with what is observed.
        var observed = advisor.GetObservedAdvice();
        if (reset.Length > 0 || !ReferenceEquals(observed, _observed))
        {
            _observed = observed;
            _advice = advisor.GetAdvice();
            json.WriteAdvice(_advice);
        }
    }
}
