using System.Globalization;

namespace Resilience.Polly;

/// <summary>A duration between two limits; with <paramref name="canBeInfinite"/> also infinite, but only from code.</summary>
internal sealed class DurationKind(TimeSpan min, TimeSpan max, bool canBeInfinite = false) : ValueKind<TimeSpan>
{
    public override string Range { get; } = $"{min:c} to {max:c}";

    public override string? Parse(string text, out TimeSpan value)
    {
        // .NET reads a bare "30" as thirty days, which nobody means.
        if (double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number))
        {
            value = default;
            return $"a bare number is not a duration (.NET reads it as days); for {text} seconds write \"{Seconds(number)}\", allowed is {Range}";
        }

        return TimeSpan.TryParse(text, CultureInfo.InvariantCulture, out value)
            ? Within(value) ? null : OutOfRange
            : $"not a duration; write hours:minutes:seconds such as \"00:00:30\", allowed is {Range}";
    }

    public override bool Contains(TimeSpan value) => Within(value) || (canBeInfinite && value == Timeout.InfiniteTimeSpan);

    public override string Print(TimeSpan value) => value == Timeout.InfiniteTimeSpan ? "infinite" : value.ToString("c");

    private bool Within(TimeSpan value) => value >= min && value <= max;

    private static string Seconds(double number) =>
        Math.Abs(number) < TimeSpan.MaxValue.TotalSeconds ? TimeSpan.FromSeconds(number).ToString("c") : "00:00:30";
}
