namespace Resilience.Polly.Primitives;

/// <summary>Does work once per interval, from <see cref="Start"/> until it is disposed of. One run ends before the next one begins.</summary>
/// <remarks>Work that throws is reported. It keeps neither the rest of the run nor the next run from being done.</remarks>
/// <param name="clock">The clock that the interval passes on.</param>
/// <param name="interval">The time between two runs, and before the first one.</param>
/// <param name="report">Is told what work throws. It does not throw itself.</param>
/// <param name="work">What each run does, in this order.</param>
internal sealed class PeriodicWork(TimeProvider clock, TimeSpan interval, Action<Exception> report, params Action[] work) : IDisposable, IAsyncDisposable
{
    private ITimer? _timer;
    private int _isRunning;
    private volatile bool _isDisposed;

    public void Start()
    {
        // Without the context of the code that starts it, which would live on in the timer.
        using (ExecutionContext.SuppressFlow())
        {
            _timer = clock.CreateTimer(static work => ((PeriodicWork)work!).Run(), this, interval, interval);
        }
    }

    /// <summary>No run begins from now on. One that has begun goes on.</summary>
    public void Dispose()
    {
        _isDisposed = true;
        _timer?.Dispose();
    }

    /// <summary>No run begins from now on. The task ends when one that has begun is over.</summary>
    public ValueTask DisposeAsync()
    {
        _isDisposed = true;
        return _timer?.DisposeAsync() ?? ValueTask.CompletedTask;
    }

    private void Run()
    {
        // On a machine so busy that the last run is not over yet, one of the two is enough.
        if (_isDisposed || Interlocked.Exchange(ref _isRunning, 1) == 1)
        {
            return;
        }

        try
        {
            Array.ForEach(work, Do);
        }
        finally
        {
            Volatile.Write(ref _isRunning, 0);
        }
    }

    private void Do(Action step)
    {
        try
        {
            step();
        }
#pragma warning disable CA1031 // on a thread of the timer, where it would end the application
        catch (Exception exception)
#pragma warning restore CA1031
        {
            report(exception);
        }
    }
}
