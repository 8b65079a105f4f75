namespace Resilience.Polly.Benchmarks;

/// <summary>The measurements as tables in Markdown, for the page and for the console alike.</summary>
internal static class Tables
{
    public static IEnumerable<string> Of(GoalTable goal) =>
    [
        "| figure | ratio | half of the rounds | ours | rival's | goal | is it met? |",
        "| --- | --- | --- | --- | --- | --- | --- |",
        .. goal.Rows.Select(row =>
            $"| {row.Name} | {Ratio(row.Ratio)} | {Range(row.Ratio)} | {UnitText.Of(row.Ours, row.Unit)} | {(row.Rival is { } rival ? UnitText.Of(rival, row.Unit) : "")} | {row.Goal} | {(row.IsMet ? "yes" : "no")} |"),
    ];

    public static IEnumerable<string> Of(IEnumerable<OtherRow> others) =>
    [
        "| call | ratio | half of the rounds | ours | Polly's | ours, allocated | Polly's, allocated |",
        "| --- | --- | --- | --- | --- | --- | --- |",
        .. others.Select(row =>
            $"| {row.Name} | {Ratio(row.Ratio)} | {Range(row.Ratio)} | {Time(row.Time)} | {Time(row.RivalTime)} | {Bytes(row.Bytes)} | {Bytes(row.RivalBytes)} |"),
    ];

    private static string Ratio(Spread? ratio) => ratio is null ? "" : $"{UnitText.Ratio(ratio.Median)} x";

    private static string Range(Spread? ratio) =>
        ratio is null || ratio.Low == ratio.High ? "" : $"{UnitText.Ratio(ratio.Low)} to {UnitText.Ratio(ratio.High)}";

    private static string Time(double value) => UnitText.Of(value, Unit.Nanoseconds);

    private static string Bytes(double value) => UnitText.Of(value, Unit.Bytes);
}
