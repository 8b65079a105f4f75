using Polly.CircuitBreaker;
using Resilience.Polly.Flow;
using Resilience.Polly.Statistics;
using Resilience.Polly.Telemetry;

namespace Resilience.Polly.Pipelines;

/// <summary>The scope of one series of the meter: a whole pipeline, or one of its partitions.</summary>
internal readonly record struct MeterScope(LivePipeline Pipeline, PipelinePartition? Partition)
{
    private PipelineOptions Options => Pipeline.Settings.Options;

    private PipelinePartition FullestBulkhead => Partition ?? Pipeline.FullestBulkhead();

    private PipelinePartition WorstCircuit => Partition ?? Pipeline.WorstCircuit();

    public int Slots => FullestBulkhead.Bulkhead.Limit;

    public int SlotsInUse => FullestBulkhead.Bulkhead.InUse;

    public int Waiting => FullestBulkhead.Bulkhead.Waiting;

    public int Failures => WorstCircuit.Circuit.Failures;

    public int CircuitLevel
    {
        get
        {
            var worst = WorstCircuit;
            return TelemetryNames.Level(worst.Circuit.IsClosed ? CircuitState.Closed : worst.ReadCircuit(Options).State);
        }
    }

    public int Partitions => Pipeline.Partitions?.Count ?? 0;

    public int OpenCircuits => Pipeline.Partitions?.Open ?? 0;

    public double RetriesLeft => (Partition is { } partition ? partition.ReadRetryBudget(Options) : Pipeline.ReadRetryBudget())?.Available ?? -1;

    public double RetryRate => Partition is { } partition ? partition.Calls.ReadRetryRate()
        : Pipeline.Partitions is null ? Pipeline.Shared.Calls.ReadRetryRate()
        : Pipeline.ReadMinute().Calls.RetryRate;

    public IReadOnlyList<Alert> Alerts => Partition is { } partition ? partition.Alerts.Raised : Pipeline.ReadAlerts();

    public long ReadLifetime(int counter)
    {
        if (Partition is null && Pipeline.Partitions is null)
        {
            return Pipeline.Shared.Calls.ReadLifetime(counter);
        }

        Span<long> row = stackalloc long[CallCounters.Size];
        ReadLifetime(row);
        return row[counter];
    }

    public void ReadLifetime(Span<long> row)
    {
        row.Clear();
        if (Partition is { } partition)
        {
            partition.Calls.AddLifetime(row);
        }
        else
        {
            Pipeline.ReadLifetime(row);
        }
    }
}
