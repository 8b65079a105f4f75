using System.ComponentModel.DataAnnotations;
using Polly;
using Resilience.Polly.Settings;

namespace Resilience.Polly;

/// <summary>The options of the bulkhead as a strategy (guide: "Pattern 4: Bulkhead Pattern").</summary>
public sealed class BulkheadStrategyOptions : ResilienceStrategyOptions, IValidatableObject
{
    /// <summary>Creates options with the defaults.</summary>
    public BulkheadStrategyOptions() => Name = "Bulkhead";

    /// <summary>Slots: executions that may be inside at once.</summary>
    /// <value>A number of 1 to 100000; the default is 20.</value>
    public int MaxConcurrency
    {
        get => Bulkhead.MaxConcurrency;
        set => Bulkhead.MaxConcurrency = value;
    }

    /// <summary>How long an execution waits for a slot before it is rejected; zero means never wait.</summary>
    /// <value>A duration of 00:00:00 to 1.00:00:00; the default is 5 seconds.</value>
    public TimeSpan AcquisitionTimeout
    {
        get => Bulkhead.AcquisitionTimeout;
        set => Bulkhead.AcquisitionTimeout = value;
    }

    /// <summary>How many executions may wait at once; one more is rejected at once.</summary>
    /// <value>A number of 0 to 1000000, or <see langword="null"/> for no bound; the default is <see langword="null"/>.</value>
    public int? MaxQueue
    {
        get => Bulkhead.MaxQueue;
        set => Bulkhead.MaxQueue = value;
    }

    internal BulkheadOptions Bulkhead { get; } = new();

    IEnumerable<ValidationResult> IValidatableObject.Validate(ValidationContext validationContext) => StrategyFaults.Of(BulkheadOptions.Settings, Bulkhead);
}
