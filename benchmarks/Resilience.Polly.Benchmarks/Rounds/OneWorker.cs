namespace Resilience.Polly.Benchmarks;

/// <summary>Leaves the thread pool one worker until it is disposed.</summary>
/// <remarks>
/// With two workers, a delegate that yields continues on the same core or on another one, by chance. A call that moves takes twice as long, ours and Polly's alike.
/// In one round, the calls of one contender may move and those of the other stay: the same code measured 0.16 to 0.54 times Polly's time, and 0.26 to 0.29 times with one worker.
/// </remarks>
internal sealed class OneWorker : IDisposable
{
    private readonly ManualResetEventSlim _isOver = new();
    private readonly CountdownEvent _toHold = new(Environment.ProcessorCount - 1);
    private readonly int _mostWorkers;
    private readonly int _mostPorts;

    private OneWorker()
    {
        ThreadPool.GetMaxThreads(out _mostWorkers, out _mostPorts);
        ThreadPool.SetMaxThreads(Environment.ProcessorCount, _mostPorts); // the pool refuses less
    }

    /// <summary>Holds all workers but the one that calls.</summary>
    public static async Task<OneWorker> HoldOthersAsync()
    {
        await Task.Yield(); // the caller may be another thread than one of the pool
        var self = new OneWorker();
        for (var i = self._toHold.InitialCount; i > 0; i--)
        {
            ThreadPool.UnsafeQueueUserWorkItem(static self => self.Hold(), self, preferLocal: false);
        }

        self._toHold.Wait();
        return self;
    }

    public void Dispose()
    {
        _isOver.Set();
        ThreadPool.SetMaxThreads(_mostWorkers, _mostPorts);
    }

    private void Hold()
    {
        _toHold.Signal();
        _isOver.Wait();
    }
}
