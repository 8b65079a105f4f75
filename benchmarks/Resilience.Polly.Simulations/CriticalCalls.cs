using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Polly.Registry;

namespace Resilience.Polly.Simulations;

/// <summary>A machine that is asked for more than it can do and sheds calls by its processor time: who is answered, by priority.</summary>
public static class CriticalCalls
{
    private const int Processors = 8;
    private const int Begins = 20;
    private const int Ends = 140;

    private static readonly TimeSpan Work = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan Deadline = TimeSpan.FromMilliseconds(500);

    private static readonly (CallPriority Priority, double Share)[] Mix = [(CallPriority.Critical, 0.2), (CallPriority.Normal, 0.4), (CallPriority.Sheddable, 0.4)];

    /// <param name="load">The calls, as a multiple of those that the machine can do.</param>
    /// <param name="share"><c>LoadShedding:Share</c>; no shedding where there is none.</param>
    /// <param name="slots">The slots of the bulkhead.</param>
    /// <param name="seed">Of the arrivals. Which calls are shed is drawn from a source of its own.</param>
    public static CriticalResult Run(double load, double? share, int slots, int seed)
    {
        var time = new VirtualTime();
        var random = new Random(seed);
        var machine = new Station(time, random, Processors, Work) { Times = ServiceTimes.Exponential };
        var services = new ServiceCollection();
        services.AddSingleton<TimeProvider>(time);
        services.AddSingleton<ILoadReader>(new Reader(machine));
        services.AddResilience().AddLoadShedding().AddPipeline("machine", options => Configure(options, share, slots));
        using var provider = services.BuildServiceProvider();
        foreach (var service in provider.GetServices<IHostedService>())
        {
            service.StartAsync(CancellationToken.None).GetAwaiter().GetResult();
        }

        var pipeline = provider.GetRequiredService<ResiliencePipelineProvider<string>>().GetPipeline("machine");
        var capacity = Processors / Work.TotalSeconds;
        var traffic = Mix.ToDictionary(kind => kind.Priority, kind => new Traffic(
            time, random, now => kind.Share * capacity * (now < TimeSpan.FromSeconds(Begins) ? 0.5 : load), pipeline, machine.ServeAsync)
        {
            Priority = kind.Priority,
            Deadline = _ => Deadline,
        });
        foreach (var one in traffic.Values)
        {
            one.Begin();
        }

        time.RunUntil(TimeSpan.FromSeconds(Ends + 10));
        return new(ServedOf(CallPriority.Critical), ServedOf(CallPriority.Normal), ServedOf(CallPriority.Sheddable));

        double ServedOf(CallPriority priority) => (double)traffic[priority].Good.Sum(Begins, Ends) / traffic[priority].Begun.Sum(Begins, Ends);
    }

    private static void Configure(PipelineOptions options, double? share, int slots)
    {
        (options.Retry.MaxAttempts, options.CircuitBreaker.Mode) = (1, CircuitBreakerMode.Disabled);
        (options.Bulkhead.MaxConcurrency, options.Bulkhead.AcquisitionTimeout) = (slots, TimeSpan.Zero);
        (options.LoadShedding.Enabled, options.LoadShedding.Share) = (share is not null, share ?? options.LoadShedding.Share);
    }

    private sealed class Reader(Station machine) : ILoadReader
    {
        public SystemLoad? Read() => new(machine.ReadUtilization(), memory: 0.5);
    }
}

/// <param name="Critical">Critical calls that were answered in time, of all critical ones.</param>
/// <param name="Normal">The same of normal ones.</param>
/// <param name="Sheddable">The same of sheddable ones.</param>
public sealed record CriticalResult(double Critical, double Normal, double Sheddable);
