using System.Diagnostics;
using System.Diagnostics.Metrics;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Time.Testing;
using Polly.Registry;

namespace Resilience.Polly.Benchmarks;

/// <summary>The cost of 10,000 idle pipelines that were used before: per second, per snapshot and per collection of the meter.</summary>
internal static class IdlePipelines
{
    private const int Rounds = 11;

    public static async Task<IdleCost> MeasureAsync()
    {
        var clock = new FakeTimeProvider();
        await using var services = ManyPipelines.RegisterOurs(clock);
        foreach (var service in services.GetServices<IHostedService>())
        {
            await service.StartAsync(CancellationToken.None);
        }

        await ManyPipelines.UseAllAsync(services.GetRequiredService<ResiliencePipelineProvider<string>>(), clock);
        clock.Advance(TimeSpan.FromMinutes(1));

        var monitor = services.GetRequiredService<IResilienceMonitor>();
        using var listener = Listen(services.GetRequiredService<IMeterFactory>());
        return new(
            Of(() => clock.Advance(TimeSpan.FromSeconds(1))), // fires the timer of the host on this thread
            Of(() => monitor.GetSnapshots()),
            Of(listener.RecordObservableInstruments));
    }

    private static MeterListener Listen(IMeterFactory meters)
    {
        var listener = new MeterListener
        {
            InstrumentPublished = (instrument, self) =>
            {
                if (ReferenceEquals(instrument.Meter.Scope, meters))
                {
                    self.EnableMeasurementEvents(instrument);
                }
            },
        };
        listener.SetMeasurementEventCallback<int>(static (_, _, _, _) => { });
        listener.SetMeasurementEventCallback<long>(static (_, _, _, _) => { });
        listener.SetMeasurementEventCallback<double>(static (_, _, _, _) => { });
        listener.Start();
        return listener;
    }

    private static Cost Of(Action work)
    {
        work(); // what is made once is no running cost
        var (times, bytes) = (new double[Rounds], new double[Rounds]);
        for (var round = 0; round < Rounds; round++)
        {
            var (allocated, began) = (GC.GetAllocatedBytesForCurrentThread(), Stopwatch.GetTimestamp());
            work();
            times[round] = Stopwatch.GetElapsedTime(began).TotalNanoseconds;
            bytes[round] = GC.GetAllocatedBytesForCurrentThread() - allocated;
        }

        return new(Quantiles.Median(times), Quantiles.Median(bytes));
    }
}

/// <summary>Nanoseconds and bytes.</summary>
internal sealed record Cost(double Time, double Bytes);

/// <summary>Of a second in which nothing happens, of a snapshot of all pipelines, and of one collection of the meter.</summary>
internal sealed record IdleCost(Cost Second, Cost Snapshots, Cost Collection);
