using System.Globalization;

namespace Resilience.Polly.Tests;

/// <summary>A range as the pages write it, such as <c>1 to 100</c>, taken apart: the bounds and their nearest neighbours outside.</summary>
internal sealed record SettingRange(string Min, string Max, string BelowMin, string AboveMax)
{
    public static bool IsFor(Type type) => type == typeof(int) || type == typeof(double) || type == typeof(TimeSpan);

    public static SettingRange Parse(string range, Type type)
    {
        var (min, max) = range.Split(" to ") is [var low, var high] ? (low, high) : throw new FormatException($"'{range}' is not a range.");
        if (type == typeof(TimeSpan))
        {
            var tick = TimeSpan.FromTicks(1);
            return new(min, max, (Duration(min) - tick).ToString("c"), (Duration(max) + tick).ToString("c"));
        }

        return type == typeof(double)
            ? new(min, max, Print(Math.BitDecrement(Number(min))), Print(Math.BitIncrement(Number(max))))
            : new(min, max, Print(Number(min) - 1), Print(Number(max) + 1));
    }

    private static TimeSpan Duration(string text) => TimeSpan.ParseExact(text, "c", CultureInfo.InvariantCulture);

    private static double Number(string text) => double.Parse(text, CultureInfo.InvariantCulture);

    private static string Print(double number) => number.ToString("R", CultureInfo.InvariantCulture);
}
