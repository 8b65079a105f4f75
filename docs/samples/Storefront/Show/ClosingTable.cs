using Resilience.Polly;
using Spectre.Console;

namespace Storefront;

/// <summary>The table at the end: what each pipeline did, from its snapshot.</summary>
internal static class ClosingTable
{
    // The headings are broken so that the table fits a terminal of 80 columns.
    private static readonly string[] Headings =
        ["calls", "suc-\nceeded", "failed", "timed\nout", "given\nup", "cir-\ncuit\nopen", "bulk-\nhead\nfull", "re-\ntries", "circuit\nstate", "bulk-\nhead\npeak"];

    public static Table Of(IReadOnlyList<PipelineSnapshot> pipelines)
    {
        var table = new Table { Border = TableBorder.Simple };
        table.AddColumn(new TableColumn("pipeline").NoWrap().PadLeft(0).PadRight(0));
        foreach (var heading in Headings)
        {
            table.AddColumn(new TableColumn(heading).RightAligned().NoWrap().PadLeft(0).PadRight(0));
        }

        foreach (var pipeline in pipelines)
        {
            var calls = pipeline.Lifetime;
            table.AddRow(
                pipeline.Name,
                $"{calls.Total}",
                $"{calls.Succeeded}",
                $"{calls.Failed}",
                $"{calls.TimedOut}",
                $"{calls.Cancelled}",
                $"{calls.CircuitOpen}",
                $"{calls.BulkheadFull}",
                $"{calls.Retries}",
                $"{pipeline.CircuitBreaker.State}",
                $"{pipeline.Bulkhead.Peak}/{pipeline.Bulkhead.Limit}");
        }

        return table;
    }
}
