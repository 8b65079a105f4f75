using System.Globalization;

namespace Resilience.Polly.Tests.Configuration;

/// <summary>The regular expression for the durations of a range, in the dialect of JSON schema (ECMA 262).</summary>
/// <remarks>
/// A general comparison of durations makes an expression that nobody can read. These are the bounds that the settings have. Any other bound throws.
/// </remarks>
internal static class DurationPattern
{
    private const string Hours = "([01]?[0-9]|2[0-3])";
    private const string Sixty = "[0-5]?[0-9]";
    private const string Fraction = @"(\.[0-9]{1,7})?";
    private const string NoFraction = @"(\.0{1,7})?";

    public static string Of(string min, string max) => $"^{NotBelow(Parse(min))}{UpTo(Parse(max))}$";

    private static string UpTo(TimeSpan max) => max switch
    {
        { Ticks: TimeSpan.TicksPerDay } => $@"((0+\.)?{Hours}:{Sixty}:{Sixty}{Fraction}|0*1\.00?:00?:00?{NoFraction})",
        { Ticks: TimeSpan.TicksPerHour } => $@"(0+\.)?(00?:{Sixty}:{Sixty}{Fraction}|0?1:00?:00?{NoFraction})",
        _ => throw new NotSupportedException($"No pattern is known for durations up to {max:c}; write it here."),
    };

    // From 0.001 s on, say, excludes zero seconds with a fraction of nothing but zeros, or that begins with three.
    private static string NotBelow(TimeSpan min)
    {
        if (min == TimeSpan.Zero)
        {
            return "";
        }

        var zeros = 7 - (int)Math.Log10(min.Ticks);
        if (min.Ticks != (long)Math.Pow(10, 7 - zeros) || zeros < 0)
        {
            throw new NotSupportedException($"No pattern is known for durations from {min:c} on; write it here.");
        }

        var fraction = zeros == 0 ? Fraction : $@"(\.(0{{1,{zeros}}}|0{{{zeros}}}[0-9]{{1,{7 - zeros}}}))?";
        return $@"(?!(0+\.)?00?:00?:00?{fraction}$)";
    }

    private static TimeSpan Parse(string text) => TimeSpan.ParseExact(text, "c", CultureInfo.InvariantCulture);
}
