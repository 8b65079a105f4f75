using Resilience.Polly;
using Spectre.Console;

namespace Storefront;

/// <summary>What each pipeline did, as its snapshot tells it.</summary>
internal static class ClosingTable
{
    public static Table Of(IReadOnlyList<PipelineSnapshot> pipelines)
    {
        var table = new Table { Border = TableBorder.Simple, ShowFooters = false };
        table.AddColumns("pipeline", "calls", "succeeded", "failed", "timed out", "circuit open", "bulkhead full", "retries", "circuit", "peak");
        foreach (var column in table.Columns.Skip(1))
        {
            column.Alignment = Justify.Right;
        }

        foreach (var pipeline in pipelines)
        {
            var calls = pipeline.Calls;
            table.AddRow(
                pipeline.Name,
                $"{calls.Total}",
                $"{calls.Succeeded}",
                $"{calls.Failed}",
                $"{calls.TimedOut}",
                $"{calls.CircuitOpen}",
                $"{calls.BulkheadFull}",
                $"{calls.Retries}",
                $"{pipeline.CircuitBreaker.State}",
                $"{pipeline.Bulkhead.Peak} of {pipeline.Bulkhead.Limit}");
        }

        return table;
    }
}
