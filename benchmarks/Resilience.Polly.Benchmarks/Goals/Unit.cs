using System.Globalization;

namespace Resilience.Polly.Benchmarks;

internal enum Unit
{
    Nanoseconds,
    Bytes,
    CallsPerSecond,
}

internal static class UnitText
{
    public static string Of(double value, Unit unit) => unit switch
    {
        Unit.Nanoseconds when value < 9_950 => $"{Number(value)} ns",
        Unit.Nanoseconds when value < 9_950_000 => $"{Number(value / 1_000)} us",
        Unit.Nanoseconds => $"{Number(value / 1_000_000)} ms",
        Unit.Bytes when Math.Abs(value) < 9_950 => $"{Number(Math.Round(value))} B",
        Unit.Bytes when Math.Abs(value) < 9_950 * 1_024 => $"{Number(value / 1_024)} KiB",
        Unit.Bytes => $"{Number(value / 1_024 / 1_024)} MiB",
        _ => $"{Number(value / 1_000_000)} million/s",
    };

    public static string Ratio(double value) => value.ToString(value is > 0 and < 0.01 ? "0.000" : "0.00", CultureInfo.InvariantCulture);

    // Three digits: more would be noise.
    private static string Number(double value) => value.ToString(
        Math.Abs(value) switch { < 10 => "0.##", < 100 => "0.#", _ => "#,0" }, CultureInfo.InvariantCulture);
}
