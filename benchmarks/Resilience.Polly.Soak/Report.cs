using System.Globalization;
using Resilience.Polly.Benchmarks;
using Spectre.Console;

namespace Resilience.Polly.Soak;

/// <summary>The result for people to read.</summary>
internal sealed class Report(IAnsiConsole console)
{
    public void Progress(TimeSpan elapsed) => console.WriteLine($"{elapsed:hh\\:mm\\:ss} of traffic");

    public void Print(SoakResult result, params IReadOnlyList<Contestant> contestants)
    {
        var throughput = Table("", [.. result.Contestants.Select(contestant => contestant.Name)]);
        Row("calls", contestant => $"{contestant.Calls:#,0}");
        Row("calls per second", contestant => $"{contestant.CallsPerSecond:#,0}");
        Row("bytes per call", contestant => $"{contestant.BytesPerCall:#,0}");
        Row("collections, generation 0, 1, 2", contestant => string.Join(", ", contestant.Collections));
        foreach (var kind in Enum.GetValues<Result>())
        {
            throughput.AddRow([kind.ToString(), .. contestants.Select(contestant => $"{contestant.Tally.Of(kind):#,0}")]);
        }

        console.Write(throughput);

        var checks = Table("", "before", "after", "");
        foreach (var check in result.Checks)
        {
            checks.AddRow(check.Name, Number(check.Before), Number(check.After), check.IsFine ? "fine" : "[red]grows[/]");
        }

        console.Write(checks);

        void Row(string name, Func<SoakContestant, string> value) => throughput.AddRow([name, .. result.Contestants.Select(value)]);
    }

    private static Table Table(params string[] columns)
    {
        var table = new Table { Border = TableBorder.Simple };
        Array.ForEach(columns, column => table.AddColumn(column));
        return table;
    }

    private static Table Table(string first, string[] others) => Table([first, .. others]);

    private static string Number(double value) => value.ToString("#,0", CultureInfo.InvariantCulture);
}
