namespace Resilience.Polly.Tests.Bulkheads;

/// <summary>An application with one bulkhead, on a clock that stands still.</summary>
internal static class BulkheadApp
{
    public static TestPipelines Of(int limit, TimeSpan? acquisition = null, int? maxQueue = null, Action<PipelineOptions>? more = null) =>
        TestPipelines.Of(options =>
        {
            options.Bulkhead.MaxConcurrency = limit;
            options.Bulkhead.AcquisitionTimeout = acquisition ?? TimeSpan.FromSeconds(5);
            options.Bulkhead.MaxQueue = maxQueue;
            options.Retry.MaxAttempts = 1;
            options.Timeout.Read = Timeout.InfiniteTimeSpan;
            more?.Invoke(options);
        });

    public static HeldCall Start(this TestPipelines app) => new(app.Pipeline);

    public static void AssertSlots(this TestPipelines app, int inUse, int waiting, int peak)
    {
        var bulkhead = app.Snapshot.Bulkhead;
        Assert.Equal((inUse, waiting, peak), (bulkhead.InUse, bulkhead.Waiting, bulkhead.Peak));
        Assert.Equal((double)inUse / bulkhead.Limit, bulkhead.Utilization);
    }

    public static async Task<BulkheadFullException> AssertRejectedAsync(this HeldCall call)
    {
        var rejection = Assert.IsType<BulkheadFullException>(await call.FailureAsync());
        Assert.Equal(0, call.Attempts);
        return rejection;
    }
}
