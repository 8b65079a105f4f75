using System.Diagnostics.Metrics;
using Resilience.Polly.Telemetry;

namespace Resilience.Polly.Queues;

/// <summary>The queues in the meter of the library, read when somebody collects.</summary>
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
            "resilience.queue.went_back", () => Each(queue => queue.WentBack), "{run}", "Runs that met saturation, whose items went back");

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
