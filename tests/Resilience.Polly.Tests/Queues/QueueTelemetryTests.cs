using System.Diagnostics.Metrics;
using Microsoft.Extensions.DependencyInjection;

namespace Resilience.Polly.Tests.Queues;

/// <summary>The queues in the meter, by name.</summary>
public class QueueTelemetryTests
{
    [Fact]
    public async Task Meter_tells_where_the_items_of_each_queue_are_and_how_they_ended()
    {
        await using var app = await QueueApp.StartedAsync(
            o => (o.Workers, o.Capacity, o.EnqueueTimeout) = (1, 2, TimeSpan.Zero), builder => builder.AddRequestQueue("mail"));
        await app.Queue.ExecuteAsync(_ => default);
        await Assert.ThrowsAsync<InvalidOperationException>(() => app.Queue.ExecuteAsync(_ => throw new InvalidOperationException()));
        var inWork = new HeldItem(1).EnqueueTo(app.Queue);
        await QueueApp.WaitAsync(() => inWork.IsInWork, () => app.Now.ToString());
        var waiting = Enumerable.Range(2, 2).Select(i => new HeldItem(i).EnqueueTo(app.Queue)).ToList();
        await Assert.ThrowsAsync<QueueFullException>(() => app.Queue.ExecuteAsync(_ => default));
        waiting[0].Cancel();
        await waiting[0].FailureAsync();

        var seen = Collect(app.Services.GetRequiredService<IMeterFactory>());

        Assert.Equal(
            [
                "resilience.queue.accepted mail 0", "resilience.queue.accepted reports 5",
                "resilience.queue.capacity mail 100", "resilience.queue.capacity reports 2",
                "resilience.queue.ended mail cancelled 0", "resilience.queue.ended mail completed 0",
                "resilience.queue.ended mail failed 0", "resilience.queue.ended mail handed_back 0",
                "resilience.queue.ended reports cancelled 1", "resilience.queue.ended reports completed 1",
                "resilience.queue.ended reports failed 1", "resilience.queue.ended reports handed_back 0",
                "resilience.queue.length mail 0", "resilience.queue.length reports 1",
                "resilience.queue.rejected mail 0", "resilience.queue.rejected reports 1",
                "resilience.queue.requeued mail 0", "resilience.queue.requeued reports 0",
                "resilience.queue.running mail 0", "resilience.queue.running reports 1",
            ],
            seen);
    }

    private static IEnumerable<string> Collect(IMeterFactory factory)
    {
        var seen = new List<string>();
        var meter = factory.Create("Resilience.Polly");
        using var listener = new MeterListener
        {
            InstrumentPublished = (instrument, l) =>
            {
                if (instrument.Meter == meter && instrument.Name.StartsWith("resilience.queue.", StringComparison.Ordinal))
                {
                    l.EnableMeasurementEvents(instrument);
                }
            },
        };
        listener.SetMeasurementEventCallback<int>((instrument, value, tags, _) => seen.Add($"{instrument.Name} {Text(tags)} {value}"));
        listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) => seen.Add($"{instrument.Name} {Text(tags)} {value}"));
        listener.Start();
        listener.RecordObservableInstruments();
        return seen.Order(StringComparer.Ordinal);
    }

    private static string Text(ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        Assert.Equal("queue.name", tags[0].Key);
        return string.Join(' ', tags.ToArray().Select(tag => tag.Value));
    }
}
