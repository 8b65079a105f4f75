using Spectre.Console;

namespace Storefront;

/// <summary>The lines at the end: how the checkouts ended, and what happened to the money.</summary>
internal static class ClosingLines
{
    public static void WriteClosing(this IAnsiConsole console, Books books)
    {
        console.MarkupLineInterpolated($"Checkouts: {books.Reports.Count}");
        console.MarkupLineInterpolated($"  completed {books.Completed.Count()}, of which degraded {books.Completed.Count(report => report.IsDegraded)}");
        foreach (var warning in books.Completed.SelectMany(report => report.Receipt!.Warnings).CountBy(warning => warning))
        {
            console.MarkupLineInterpolated($"    {warning.Value,4}  {warning.Key.Text()}");
        }

        console.MarkupLineInterpolated($"  refused {books.Refused.Count()}");
        foreach (var reason in books.Refused.CountBy(report => report.Refusal!.Value))
        {
            console.MarkupLineInterpolated($"    {reason.Value,4}  {reason.Key.Text()}");
        }

        var entries = books.Charges.Entries;
        console.MarkupLineInterpolated($"Charges: {entries.Count(entry => !entry.IsReversal)}, refunds: {entries.Count(entry => entry.IsReversal)}");
        console.MarkupLineInterpolated($"  charge requests repeated without a second charge: {books.Charges.Repeats}");
        console.MarkupLineInterpolated($"  charge requests that came after their refund and were blocked: {books.Charges.Blocked}");
        console.MarkupLineInterpolated($"No charge was made twice: {(books.ChargedTwice.Any() ? "no" : "yes")}");
    }

    public static void WriteVerdict(this IAnsiConsole console, IReadOnlyList<string> broken)
    {
        console.WriteLine();
        console.MarkupLine(broken.Count == 0 ? "[green]Every promise was kept.[/]" : "[red]Broken promises:[/]");
        foreach (var promise in broken)
        {
            console.MarkupLineInterpolated($"  {promise}");
        }
    }
}
