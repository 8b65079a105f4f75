using System.Globalization;
using Polly.CircuitBreaker;
using Resilience.Polly.AspNetCore.Dashboard.Settings;

namespace Resilience.Polly.AspNetCore.Dashboard.Sampling;

/// <summary>
/// The events for the log of the page. It keeps changes one by one. Retries, rejections and fallbacks are frequent: the first ones of a pipeline get a line
/// with the next sample, later ones a line every ten seconds. They have a queue of their own, so that they do not push out changes.
/// </summary>
internal sealed class EventLog(string? traceUrl = null)
{
    private const int Kept = 200;

    private static readonly TimeSpan BetweenLines = TimeSpan.FromSeconds(10);

    private readonly Lock _gate = new();
    private readonly Queue<LogEntry> _changes = new();
    private readonly Queue<LogEntry> _floods = new();
    private readonly Dictionary<(string Pipeline, string Kind), Flood> _pending = [];
    private readonly Dictionary<(string Pipeline, string Kind), DateTimeOffset> _told = [];
    private readonly List<LogEntry> _fresh = [];
    private long _number;

    /// <summary>All lines, the oldest first.</summary>
    public IReadOnlyList<LogEntry> Entries
    {
        get
        {
            lock (_gate)
            {
                return [.. _changes.Concat(_floods).OrderBy(entry => entry.Number)];
            }
        }
    }

    public void Add(PipelineEvent happened)
    {
        lock (_gate)
        {
            switch (happened)
            {
                case RetryEvent retry:
                    Count(retry, "retry", retry.Reason, retry.RequestId);
                    break;
                case RetryBudgetSpentEvent spent:
                    Count(spent, "budget", spent.Reason, spent.RequestId);
                    break;
                case RejectionEvent rejection:
                    Count(rejection, "rejection", ReasonOf(rejection.By), rejection.RequestId);
                    break;
                case DegradedEvent degraded:
                    Count(degraded, "degraded", degraded.Failure.GetType().Name, degraded.RequestId);
                    break;
                case CircuitStateChangedEvent circuit:
                    Change(circuit, "circuit", LevelOf(circuit.To), $"Circuit {WordOf(circuit.From)} to {WordOf(circuit.To)}: {circuit.Reason}", circuit.RequestId);
                    break;
                case AlertEvent { Alert.Kind: not AlertKind.CircuitOpen } alert: // the change of the circuit says the same
                    Change(alert, "alert", alert.IsRaised ? "warn" : "good", alert.IsRaised ? $"Alert: {alert.Alert.Message}" : $"Alert is over after {Text(alert.At - alert.Alert.RaisedAt)}: {alert.Alert.ClearedMessage}");
                    break;
                case OpenShareReachedEvent reached:
                    Change(reached, "partitions", "warn", string.Create(CultureInfo.InvariantCulture, $"{reached.Open} circuits of partitions are open, so this one stays closed: the fault is probably on this side"));
                    break;
                case PartitionsFullEvent full:
                    Change(full, "partitions", "warn", string.Create(CultureInfo.InvariantCulture, $"All {full.MaxPartitions} partitions are in use: further keys share one"));
                    break;
                case SettingsEvent settings:
                    Change(settings, "settings", "info", $"Settings changed: {settings.Summary}");
                    break;
                case LimitChangedEvent limit:
                    Change(limit, "limit", "info", string.Create(CultureInfo.InvariantCulture, $"{limit.To} slots now, before {limit.From}: {limit.Reason}"));
                    break;
                case EventsLostEvent lost:
                    Change(lost, "lost", "info", string.Create(CultureInfo.InvariantCulture, $"{lost.Count} events came too fast for this log"));
                    break;
            }
        }
    }

    /// <summary>The lines that are new since the last call.</summary>
    public IReadOnlyList<LogEntry> Drain(DateTimeOffset now)
    {
        lock (_gate)
        {
            foreach (var (key, flood) in _pending.Where(flood => now - _told.GetValueOrDefault(flood.Key) >= BetweenLines).ToArray())
            {
                Keep(_floods, new(++_number, Milliseconds(flood.At), key.Pipeline, key.Kind, "warn", flood.ToString(key.Kind), flood.Trace, null));
                _pending.Remove(key);
                _told[key] = now;
            }

            foreach (var (key, _) in _told.Where(told => now - told.Value >= BetweenLines).ToArray())
            {
                _told.Remove(key); // the names of pipelines come and go
            }

            LogEntry[] fresh = [.. _fresh];
            _fresh.Clear();
            return fresh;
        }
    }

    private static string ReasonOf(RejectedBy by) => by switch
    {
        RejectedBy.CircuitBreaker => "circuit not closed",
        RejectedBy.Bulkhead => "no slot",
        RejectedBy.LoadShedding => "shed for overload",
        RejectedBy.RateLimit => "over the rate limit",
        _ => by.ToString(),
    };

    private static string LevelOf(CircuitState state) => state switch
    {
        CircuitState.Closed => "good",
        CircuitState.HalfOpen => "warn",
        _ => "bad",
    };

    private static string WordOf(CircuitState state) => state == CircuitState.HalfOpen ? "Half-open" : state.ToString();

    private static long Milliseconds(DateTimeOffset at) => at.ToUnixTimeMilliseconds();

    private static string Text(TimeSpan duration) => duration.TotalSeconds < 100
        ? string.Create(CultureInfo.InvariantCulture, $"{Math.Max(1, duration.TotalSeconds):0} s")
        : string.Create(CultureInfo.InvariantCulture, $"{duration.TotalMinutes:0} min");

    private void Count(PipelineEvent happened, string kind, string reason, string? requestId)
    {
        var key = (happened.PipelineName, kind);
        _pending[key] = new(_pending.GetValueOrDefault(key).Count + 1, happened.At, happened.Partition is { } partition ? $"{reason} ({partition})" : reason, TraceOf(happened, requestId));
    }

    private void Change(PipelineEvent happened, string kind, string level, string text, string? requestId = null) =>
        Keep(_changes, new(++_number, Milliseconds(happened.At), happened.PipelineName, kind, level, text, TraceOf(happened, requestId), happened.Partition));

    private string? TraceOf(PipelineEvent happened, string? requestId) =>
        traceUrl is null ? null : TraceAddress.Of(traceUrl, requestId, happened.TraceId);

    private void Keep(Queue<LogEntry> kept, LogEntry entry)
    {
        kept.Enqueue(entry);
        _fresh.Add(entry);
        if (kept.Count > Kept)
        {
            kept.Dequeue();
        }
    }

    private readonly record struct Flood(int Count, DateTimeOffset At, string LastReason, string? Trace)
    {
        public string ToString(string kind)
        {
            var (one, many) = kind switch
            {
                "retry" => ("retry", "retries"),
                "budget" => ("call not repeated, the retry budget is spent", "calls not repeated, the retry budget is spent"),
                "rejection" => ("rejection", "rejections"),
                _ => ("call answered by a fallback", "calls answered by a fallback"),
            };
            return Count == 1 ? $"1 {one}: {LastReason}" : string.Create(CultureInfo.InvariantCulture, $"{Count} {many}, the last: {LastReason}");
        }
    }
}

/// <summary>One line of the event log of the page.</summary>
/// <param name="Number">Grows from line to line.</param>
/// <param name="At">When, in milliseconds since 1970.</param>
/// <param name="Pipeline">The pipeline; empty for an event of all pipelines.</param>
/// <param name="Kind">What it is about: circuit, alert, settings, retry, rejection, lost.</param>
/// <param name="Level">How bad it is: bad, warn, good, info.</param>
/// <param name="Text">What happened. Never an id of a request, a message of an exception or a body.</param>
/// <param name="Trace">The address of its trace, or of the last of several; <see langword="null"/> if there is none.</param>
/// <param name="Partition">The partition of the pipeline; <see langword="null"/> if there is none.</param>
internal sealed record LogEntry(long Number, long At, string Pipeline, string Kind, string Level, string Text, string? Trace, string? Partition);
