namespace Resilience.Polly.Primitives;

/// <summary>Runs work once per interval, from one interval after <see cref="Start"/> until it is disposed of. One run ends before the next one begins.</summary>
/// <remarks>Exceptions go to <paramref name="report"/>, which must not throw. The rest of the run and later runs go on.</remarks>
internal sealed class PeriodicWork(TimeProvider clock, TimeSpan interval, Action<Exception> report, params Action[] work) : IDisposable, IAsyncDisposable
{
    private ITimer? _timer;
    private int _isRunning;
    private volatile bool _isDisposed;

    public void Start()
    {
        // Without the execution context of the code that starts it, which the timer would keep alive.
        using (ExecutionContext.SuppressFlow())
        {
            _timer = clock.CreateTimer(static work => ((PeriodicWork)work!).Run(), this, interval, interval);
        }
    }

    /// <summary>Prevents further runs. A run that has begun continues.</summary>
    public void Dispose()
    {
        _isDisposed = true;
        _timer?.Dispose();
    }

    /// <summary>Prevents further runs. The task ends when a run that has begun is over.</summary>
    public ValueTask DisposeAsync()
    {
        _isDisposed = true;
        return _timer?.DisposeAsync() ?? ValueTask.CompletedTask;
    }

    private void Run()
    {
        // If the machine is so busy that the last run is not over yet, this one is skipped.
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
        catch (Exception exception) // on a timer thread, where an exception would end the application
        {
            report(exception);
        }
    }
}
