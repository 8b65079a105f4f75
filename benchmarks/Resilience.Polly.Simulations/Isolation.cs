using Microsoft.Extensions.DependencyInjection;
using Polly;
using Polly.Registry;

namespace Resilience.Polly.Simulations;

/// <summary>The guide's example of a bulkhead: fast A, slow B and critical C in one process, B hangs, and they share 50 slots or have their own.</summary>
public static class Isolation
{
    private static readonly TimeSpan Length = TimeSpan.FromSeconds(120);

    private static readonly (string Name, double CallsPerSecond, double Milliseconds, int Slots)[] Services =
        [("A", 100, 10, 15), ("B", 20, 200, 10), ("C", 50, 50, 15)];

    public static IsolationResult Run(bool isShared, bool hangs, int seed)
    {
        var time = new VirtualTime();
        var random = new Random(seed);
        var services = new ServiceCollection();
        services.AddSingleton<TimeProvider>(time);
        var builder = services.AddResilience();
        foreach (var (name, _, _, slots) in Services)
        {
            builder.AddPipeline(isShared ? $"unused {name}" : name, o => Configure(o, slots));
        }

        builder.AddPipeline("shared", o => Configure(o, 50));
        using var provider = services.BuildServiceProvider();
        var pipelines = provider.GetRequiredService<ResiliencePipelineProvider<string>>();
        var monitor = provider.GetRequiredService<IResilienceMonitor>();

        var inside = 0;
        var traffic = new Dictionary<string, Traffic>();
        foreach (var (name, rate, milliseconds, _) in Services)
        {
            var station = new Station(time, random, workers: 1_000, TimeSpan.FromMilliseconds(milliseconds))
            {
                State = hangs && name == "B" ? Station.Health.Hung : Station.Health.Well,
            };
            traffic.Add(name, new Traffic(time, random, _ => rate, pipelines.GetPipeline(isShared ? "shared" : name), token => InsideAsync(station, token)));
        }

        string[] used = isShared ? ["shared"] : [.. Services.Select(service => service.Name)];
        foreach (var one in traffic.Values)
        {
            one.Begin();
        }

        time.RunUntil(Length, Settle);
        return new(isShared, hangs, ResultOf("A"), ResultOf("C"));

        async ValueTask<Outcome<bool>> InsideAsync(Station station, CancellationToken token)
        {
            Interlocked.Increment(ref inside);
            try
            {
                return await station.ServeAsync(token).ConfigureAwait(false);
            }
            finally
            {
                Interlocked.Decrement(ref inside);
            }
        }

        // Who waited for a slot goes on in another thread. Time stands still until everybody is in line, or inside, or gone.
        void Settle()
        {
            var spin = default(SpinWait);
            while (true)
            {
                var slots = used.Select(name => monitor.GetSnapshot(name).Bulkhead).ToArray();
                var inUse = slots.Sum(one => one.InUse);
                if (inUse == Volatile.Read(ref inside) && inUse + slots.Sum(one => one.Waiting) == traffic.Values.Sum(one => one.Outstanding))
                {
                    return;
                }

                spin.SpinOnce();
            }
        }

        ServiceResult ResultOf(string name) => new(
            traffic[name].Percentile(0.99),
            (double)traffic[name].Good.Sum(0, (int)Length.TotalSeconds - 10) / traffic[name].Begun.Sum(0, (int)Length.TotalSeconds - 10));
    }

    // Without circuit, so that the bulkhead alone is seen: a shared circuit would make it worse for A and C.
    private static void Configure(PipelineOptions options, int slots)
    {
        (options.Retry.MaxAttempts, options.CircuitBreaker.Mode) = (1, CircuitBreakerMode.Disabled);
        (options.Bulkhead.MaxConcurrency, options.Bulkhead.AcquisitionTimeout) = (slots, TimeSpan.FromSeconds(5));
    }
}

/// <param name="P99">99 of 100 good calls took no longer.</param>
/// <param name="GoodShare">Calls that were served, of all.</param>
public sealed record ServiceResult(TimeSpan P99, double GoodShare);

/// <param name="IsShared">Whether the three share one bulkhead.</param>
/// <param name="Hangs">Whether B hangs.</param>
/// <param name="A">The fast service.</param>
/// <param name="C">The critical service.</param>
public sealed record IsolationResult(bool IsShared, bool Hangs, ServiceResult A, ServiceResult C);
