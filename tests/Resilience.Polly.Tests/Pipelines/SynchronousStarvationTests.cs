using System.Net.Sockets;

namespace Resilience.Polly.Tests.Pipelines;

/// <summary>A synchronous call waits on its own thread, and needs none of the pool.</summary>
[Collection(nameof(AllocationTests.Alone))]
public sealed class SynchronousStarvationTests : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly ManualResetEventSlim _over = new();
    private readonly (int Workers, int Ports) _most;

    public SynchronousStarvationTests()
    {
        ThreadPool.GetMaxThreads(out _most.Workers, out _most.Ports);
        ThreadPool.GetMinThreads(out var least, out _);
        var workers = Math.Max(least, Environment.ProcessorCount) + 2;
        Assert.True(ThreadPool.SetMaxThreads(workers, _most.Ports));

        // More than there are threads, so that whatever is queued after them stays queued.
        for (var i = 0; i < (10 * workers) + ThreadPool.ThreadCount; i++)
        {
            ThreadPool.UnsafeQueueUserWorkItem(_ => _over.Wait(), null);
        }
    }

    public void Dispose()
    {
        _over.Set();
        ThreadPool.SetMaxThreads(_most.Workers, _most.Ports);
    }

    [Fact]
    public void Execute_repeats_and_gets_a_slot_while_the_pool_has_no_thread()
    {
        using var app = new Disposing(TestPipelines.Of(
            o =>
            {
                (o.Bulkhead.MaxConcurrency, o.Bulkhead.AcquisitionTimeout) = (1, TimeSpan.FromMinutes(5));
                o.Retry.MinWait = o.Retry.MaxWait = TimeSpan.FromMilliseconds(5);
            },
            TimeProvider.System));
        using var release = new ManualResetEventSlim();
        var holder = new SynchronousRun(app.Pipelines.Pipeline, 1, _ => release.Wait(Patience));
        Assert.True(SpinWait.SpinUntil(() => app.Pipelines.Snapshot.Bulkhead.InUse == 1, Patience));
        var run = new SynchronousRun(app.Pipelines.Pipeline, 1, attempt => attempt < 3 ? throw new SocketException((int)SocketError.ConnectionRefused) : attempt);
        Assert.True(SpinWait.SpinUntil(() => app.Pipelines.Snapshot.Bulkhead.Waiting == 1, Patience));

        release.Set();

        Assert.True(run.Ends(Patience), "the call needs a thread of the pool");
        Assert.True(holder.Ends(Patience));
        Assert.Equal(3, run.Result);
        Assert.Empty(run.Faults);
    }

    [Fact]
    public void Execute_that_finds_no_slot_ends_in_time_while_the_pool_has_no_thread()
    {
        using var app = new Disposing(TestPipelines.Of(
            o => (o.Bulkhead.MaxConcurrency, o.Bulkhead.AcquisitionTimeout) = (1, TimeSpan.FromMilliseconds(20)), TimeProvider.System));
        using var release = new ManualResetEventSlim();
        var holder = new SynchronousRun(app.Pipelines.Pipeline, 1, _ => release.Wait(Patience));
        Assert.True(SpinWait.SpinUntil(() => app.Pipelines.Snapshot.Bulkhead.InUse == 1, Patience));
        var run = new SynchronousRun(app.Pipelines.Pipeline, 1, attempt => attempt);

        Assert.True(run.Ends(Patience), "the call needs a thread of the pool");

        Assert.IsType<BulkheadFullException>(run.Failure);
        release.Set();
        Assert.True(holder.Ends(Patience));
    }

    // An asynchronous test would need the pool itself.
    private sealed class Disposing(TestPipelines pipelines) : IDisposable
    {
        public TestPipelines Pipelines => pipelines;

        public void Dispose() => _ = pipelines.DisposeAsync().AsTask();
    }
}
