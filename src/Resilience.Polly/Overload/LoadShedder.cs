using System.Globalization;
using Resilience.Polly.Outcomes;
using Resilience.Polly.Primitives;

namespace Resilience.Polly.Overload;

/// <summary>Owns the load data of one pipeline: whether there is overload, and how many calls of each priority came lately.</summary>
internal sealed class LoadShedder(TimeProvider clock)
{
    private const int Normal = 0;
    private const int Sheddable = 1;

    // The calls of the last ten seconds that may be shed. Created with the first one: most pipelines have none.
    private SlidingWindow? _recent;
    private string? _overload;

    /// <summary>Why there is overload, in words; <see langword="null"/> while there is none.</summary>
    public string? Overload => Volatile.Read(ref _overload);

    /// <summary>Why a call is shed. The overload may have ended since that was decided.</summary>
    public Rejection Reject() => new(
        RejectedBy.LoadShedding,
        $"shed the call: {Overload ?? "overload that has just ended"}. Degrade gracefully, or slow down; calls of priority Critical are not shed.",
        Waited: TimeSpan.Zero);

    /// <summary>Stores the load; returns whether it crossed a limit.</summary>
    public bool Look(SystemLoad? load, LoadSheddingOptions options)
    {
        var overload = options.Enabled ? Shedding.Overload(load, options) : null;
        return Interlocked.Exchange(ref _overload, overload) is null != overload is null;
    }

    /// <summary>Counts a call, and decides whether it is shed.</summary>
    public bool Sheds(CallPriority priority, long now, double share)
    {
        if (priority == CallPriority.Critical)
        {
            return false;
        }

        var recent = Volatile.Read(ref _recent) ?? LazyInitializer.EnsureInitialized(ref _recent, NewWindow);
        Interlocked.Increment(ref recent.At(now)[priority == CallPriority.Sheddable ? Sheddable : Normal]);
        if (Overload is null)
        {
            return false;
        }

        Span<long> calls = stackalloc long[2];
        calls.Clear();
        recent.AddWindow(calls, now);
        return Random.Shared.NextDouble() < Shedding.Probability(priority, share, calls[Sheddable], calls[Normal]);
    }

    private SlidingWindow NewWindow() => new(clock, TimeSpan.FromSeconds(10), parts: 10, columns: 2);
}

/// <summary>The decisions of load shedding, as pure functions.</summary>
internal static class Shedding
{
    /// <summary>Why the machine is overloaded, or <see langword="null"/> if it is not.</summary>
    public static string? Overload(SystemLoad? load, LoadSheddingOptions options) => load switch
    {
        { } busy when busy.Cpu > options.Cpu => Describe("CPU", busy.Cpu, options.Cpu),
        { } busy when busy.Memory > options.Memory => Describe("memory", busy.Memory, options.Memory),
        _ => null,
    };

    /// <summary>The probability with which a call is shed. Overall, <paramref name="share"/> of the calls that may be shed are, and the sheddable ones first. The counts are those of the last seconds.</summary>
    public static double Probability(CallPriority priority, double share, long sheddable, long normal)
    {
        var toShed = share * (sheddable + normal);
        return priority switch
        {
            CallPriority.Sheddable => sheddable == 0 ? 1 : Math.Min(1, toShed / sheddable),
            CallPriority.Normal => normal == 0 ? 0 : Math.Clamp((toShed - sheddable) / normal, 0, 1),
            _ => 0,
        };
    }

    private static string Describe(string what, double value, double limit) =>
        string.Create(CultureInfo.InvariantCulture, $"{what} at {value:P0}, above {limit:P0}");
}
