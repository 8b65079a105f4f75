using System.Globalization;

namespace Resilience.Polly.Overload;

/// <summary>The decisions of load shedding, as pure functions.</summary>
internal static class Shedding
{
    /// <summary>Why the machine is overloaded, or <see langword="null"/> where it is not.</summary>
    public static string? Overload(SystemLoad? load, LoadSheddingOptions options) => load switch
    {
        { } busy when busy.Cpu > options.Cpu => Describe("CPU", busy.Cpu, options.Cpu),
        { } busy when busy.Memory > options.Memory => Describe("memory", busy.Memory, options.Memory),
        _ => null,
    };

    /// <summary>The probability with which a call is shed, so that <paramref name="share"/> of all that may be shed are, and the sheddable ones first.</summary>
    /// <param name="priority">Of the call.</param>
    /// <param name="share">How many of those that may be shed are to be.</param>
    /// <param name="sheddable">Sheddable calls of the last seconds.</param>
    /// <param name="normal">Normal calls of the last seconds.</param>
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
