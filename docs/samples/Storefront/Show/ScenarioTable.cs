using Spectre.Console;

namespace Storefront;

/// <summary>The guide's three scenarios side by side: what was asked, and what was answered.</summary>
internal static class ScenarioTable
{
    public static Table Of(Books books, IEnumerable<Visitors> pages)
    {
        var table = new Table { Border = TableBorder.Simple };
        table.AddColumn(new TableColumn("scenario").NoWrap().PadLeft(0).PadRight(0));
        foreach (var heading in (string[])["asked", "answered", "degraded", "refused", "deadline", "in time", "slowest"])
        {
            table.AddColumn(new TableColumn(heading).RightAligned().NoWrap().PadRight(0));
        }

        // A checkout has no deadline: a card may have been charged.
        table.AddRow(
            "checkout",
            $"{books.Reports.Count}",
            $"{books.Completed.Count()}",
            $"{books.Completed.Count(report => report.IsDegraded)}",
            $"{books.Refused.Count()}",
            "-",
            "-",
            "-");
        foreach (var page in pages)
        {
            table.AddRow(
                page.Page,
                $"{page.Visits.Count}",
                $"{page.Visits.Count(visit => visit.Answer is not null)}",
                $"{page.Visits.Count(visit => visit.IsDegraded)}",
                $"{page.Visits.Count(visit => visit.Refusal is not null)}",
                $"{page.Deadline.TotalSeconds} s",
                $"{page.Visits.Count(page.WasInTime)}",
                FormattableString.Invariant($"{page.Visits.Select(visit => visit.Took.TotalSeconds).DefaultIfEmpty().Max():0.00} s"));
        }

        return table;
    }

    /// <summary>Which parts were degraded, how often, and why.</summary>
    public static void WriteDegradedParts(this IAnsiConsole console, IEnumerable<Visitors> pages)
    {
        foreach (var page in pages)
        {
            console.MarkupLineInterpolated($"Degraded parts of {page.Page}:");
            var parts = page.Visits.SelectMany(visit => visit.Answer?.Degraded ?? []).GroupBy(part => part.Name).OrderByDescending(part => part.Count());
            foreach (var part in parts)
            {
                var reasons = part.CountBy(degraded => degraded.Reason ?? "no known reason").OrderByDescending(reason => reason.Value);
                console.MarkupLineInterpolated($"    {part.Count(),4}  {part.Key} ({string.Join(", ", reasons.Select(reason => $"{reason.Value} {reason.Key}"))})");
            }
        }

        console.WriteLine();
    }
}
