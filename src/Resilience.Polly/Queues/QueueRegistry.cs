using System.Diagnostics.CodeAnalysis;
using System.Diagnostics.Metrics;
using Polly;
using Polly.Registry;
using Resilience.Polly.Configuration;
using Resilience.Polly.Events;
using Resilience.Polly.Pipelines;
using Resilience.Polly.Primitives;
using Resilience.Polly.Telemetry;

namespace Resilience.Polly.Queues;

/// <summary>
/// Owns the queues by name. Each is created once, starts and stops with the host, and gets new settings when the configuration changes.
/// </summary>
internal sealed class QueueRegistry : RequestQueueProvider, IDisposable
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, RequestQueue> _queues = new(StringComparer.OrdinalIgnoreCase);
    private readonly PipelineRegistry _settings;
    private readonly ResiliencePipelineProvider<string> _pipelines;
    private readonly ApplicationServices _application;
    private IReadOnlyDictionary<string, NamedQueue> _configured;
    private bool _isStarted;
    private bool _isStopped;

    public QueueRegistry(
        PipelineRegistry settings, ResiliencePipelineProvider<string> pipelines, ApplicationServices application, IMeterFactory meters)
    {
        _settings = settings;
        _pipelines = pipelines;
        _application = application;
        _settings.Reloaded += TakeOver;
        _configured = settings.Queues;
        QueueInstruments.Create(meters, GetSnapshots);
    }

    public override RequestQueue GetQueue(string name) => TryGetQueue(name, out var queue) ? queue : throw Unknown(name);

    public override bool TryGetQueue(string name, [NotNullWhen(true)] out RequestQueue? queue)
    {
        ArgumentNullException.ThrowIfNull(name);
        lock (_gate)
        {
            if (!_queues.TryGetValue(name, out queue) && _settings.Queues.TryGetValue(name, out var configured))
            {
                queue = Add(configured);
            }

            return queue is not null;
        }
    }

    public override IReadOnlyList<QueueSnapshot> GetSnapshots() =>
        [.. All().OrderBy(queue => queue.Name, StringComparer.OrdinalIgnoreCase).Select(queue => queue.GetSnapshot())];

    public void Start()
    {
        lock (_gate)
        {
            _isStarted = true;
            foreach (var configured in _settings.Queues.Values.OrderBy(queue => queue.Name, StringComparer.OrdinalIgnoreCase))
            {
                if (!_queues.TryGetValue(configured.Name, out var queue))
                {
                    Add(configured); // this also starts it
                    continue;
                }

                queue.Start();
                Log.QueueReady(_application.Logger, SummaryOf(configured));
            }
        }
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.WhenAll(Close().Select(queue => queue.StopAsync(cancellationToken)));

    public void Dispose()
    {
        _settings.Reloaded -= TakeOver;
        foreach (var queue in Close())
        {
            queue.Abandon();
        }
    }

    private RequestQueue[] Close()
    {
        lock (_gate)
        {
            _isStopped = true;
            return [.. _queues.Values];
        }
    }

    private IEnumerable<RequestQueue> All()
    {
        lock (_gate)
        {
            foreach (var configured in _settings.Queues.Values.Where(configured => !_queues.ContainsKey(configured.Name)))
            {
                Add(configured);
            }

            return [.. _queues.Values];
        }
    }

    private RequestQueue Add(NamedQueue configured)
    {
        var queue = new RequestQueue(configured.Name, configured.Options, PipelineOf(configured), _application);
        _queues.Add(queue.Name, queue);
        if (_isStopped)
        {
            queue.Abandon();
        }
        else if (_isStarted)
        {
            queue.Start();
            Log.QueueReady(_application.Logger, SummaryOf(configured));
        }

        return queue;
    }

    private void TakeOver()
    {
        lock (_gate)
        {
            var old = _configured;
            _configured = _settings.Queues;
            foreach (var name in old.Keys.Except(_configured.Keys, StringComparer.OrdinalIgnoreCase))
            {
                Log.QueueRemoved(_application.Logger, name);
            }

            foreach (var queue in _queues.Values)
            {
                // The pipeline of that name may be new.
                if (_configured.TryGetValue(queue.Name, out var configured)
                    && !(QueueOptions.Settings.AreEqual(queue.Options, configured.Options) && ReferenceEquals(queue.Pipeline, PipelineOf(configured))))
                {
                    Log.QueueChanged(_application.Logger, SummaryOf(configured));
                    queue.Apply(configured.Options, PipelineOf(configured));
                }
            }
        }
    }

    private ResiliencePipeline? PipelineOf(NamedQueue queue) =>
        _pipelines.TryGetPipeline(queue.Options.Pipeline ?? queue.Name, out var pipeline) ? pipeline : null;

    private string SummaryOf(NamedQueue queue) =>
        queue.Options.Summary(queue.Name, PipelineOf(queue) is null ? null : queue.Options.Pipeline ?? queue.Name);

    private KeyNotFoundException Unknown(string name) =>
        new($"There is no request queue named '{name}'. Known are: {NameList.Of(_settings.Queues.Keys.Order(StringComparer.OrdinalIgnoreCase))}. " +
            "Add it to the configuration under Queues, or in code with AddRequestQueue.");
}

/// <summary>The queues in the meter of the library, read on each collection.</summary>
internal static class QueueInstruments
{
    public static void Create(IMeterFactory meters, Func<IReadOnlyList<QueueSnapshot>> read)
    {
        var meter = meters.Create(TelemetryNames.Source);
        meter.CreateObservableGauge("resilience.queue.length", () => Each(queue => queue.Waiting), "{item}", "Items that wait for a worker");
        meter.CreateObservableGauge("resilience.queue.capacity", () => Each(queue => queue.Options.Capacity), "{item}", "Items that may wait at once");
        meter.CreateObservableGauge("resilience.queue.running", () => Each(queue => queue.Running), "{item}", "Items in work");
        meter.CreateObservableCounter("resilience.queue.accepted", () => Each(queue => queue.Accepted), "{item}", "Items that were let in");
        meter.CreateObservableCounter("resilience.queue.ended", () => read().SelectMany(Ends), "{item}", "Accepted items that ended, by result");
        meter.CreateObservableCounter(
            "resilience.queue.rejected", () => Each(queue => queue.Rejected), "{item}", "Items that were not let in, by a queue full or shut down");
        meter.CreateObservableCounter(
            "resilience.queue.requeued", () => Each(queue => queue.Requeued), "{run}", "Runs that met saturation, whose items went back");

        IEnumerable<Measurement<T>> Each<T>(Func<QueueSnapshot, T> value)
            where T : struct => read().Select(queue => new Measurement<T>(value(queue), NameOf(queue)));
    }

    private static IEnumerable<Measurement<long>> Ends(QueueSnapshot queue) =>
    [
        End(queue, queue.Completed, "completed"),
        End(queue, queue.Failed, "failed"),
        End(queue, queue.Cancelled, "cancelled"),
        End(queue, queue.HandedBack, "handed_back"),
    ];

    private static Measurement<long> End(QueueSnapshot queue, long count, string how) =>
        new(count, NameOf(queue), new KeyValuePair<string, object?>(TelemetryNames.QueueResult, how));

    private static KeyValuePair<string, object?> NameOf(QueueSnapshot queue) => new(TelemetryNames.Queue, queue.Name);
}
