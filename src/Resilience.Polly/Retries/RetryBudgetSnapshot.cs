namespace Resilience.Polly;

/// <summary>The retry budget of a pipeline at one moment (<see cref="RetryBudgetOptions"/>).</summary>
public readonly record struct RetryBudgetSnapshot
{
    internal RetryBudgetSnapshot(long retries, long available) => (Retries, Available) = (retries, available);

    /// <summary>The retries that were made in the window.</summary>
    public long Retries { get; init; }

    /// <summary>The retries that the budget allows now, without further calls.</summary>
    /// <value>0 or more.</value>
    public long Available { get; init; }

    /// <summary>The same rule by which a retry is taken from the budget.</summary>
    internal static long Left(long made, long calls, RetryBudgetOptions options, int instances) =>
        Math.Max(0, (long)Math.Floor((options.Ratio * calls) + Reserve(options, instances)) - made);

    /// <summary>The retries in a window that need no calls, in each of the instances that divide them.</summary>
    internal static double Reserve(RetryBudgetOptions options, int instances) => options.ReservePerSecond * options.Window.TotalSeconds / instances;
}
