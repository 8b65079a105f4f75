using Polly;

namespace Resilience.Polly.Tests.Pipelines;

/// <summary>One synchronous call of a caller who holds a lock, on a thread of its own. Every attempt notes where it ran.</summary>
internal sealed class SynchronousRun
{
    private readonly object _lock = new();
    private readonly Func<int, object> _attempt;
    private readonly CancellationToken _cancellationToken;
    private readonly Thread _thread;
    private readonly List<string> _faults = [];
    private int _caller;

    /// <param name="pipeline">The pipeline.</param>
    /// <param name="overload">Which form of <c>Execute</c>: 0 to <see cref="Overloads"/> - 1.</param>
    /// <param name="attempt">What the attempt of this number, from 1, returns or throws.</param>
    /// <param name="isOnUiThread">Whether the caller has a synchronization context, which nothing must post to.</param>
    /// <param name="cancellationToken">The caller gives up.</param>
    public SynchronousRun(ResiliencePipeline pipeline, int overload, Func<int, object> attempt, bool isOnUiThread = false, CancellationToken cancellationToken = default)
    {
        (_attempt, _cancellationToken) = (attempt, cancellationToken);
        _thread = new Thread(() =>
        {
            if (isOnUiThread)
            {
                SynchronizationContext.SetSynchronizationContext(new Refusing(_faults));
            }

            _caller = Environment.CurrentManagedThreadId;
            lock (_lock)
            {
                try
                {
                    Result = Call(pipeline, overload);
                }
                catch (Exception failure)
                {
                    Failure = failure;
                }

                if (Environment.CurrentManagedThreadId != _caller || !Monitor.IsEntered(_lock))
                {
                    _faults.Add("the caller lost its thread or its lock");
                }
            }
        })
        { IsBackground = true };
        _thread.Start();
    }

    public static int Overloads => 8;

    public int Attempts { get; private set; }

    public object? Result { get; private set; }

    public Exception? Failure { get; private set; }

    /// <summary>Where an attempt ran on another thread, or without the caller's lock.</summary>
    public IReadOnlyList<string> Faults => _faults;

    /// <summary>Whether the call ended within the time.</summary>
    public bool Ends(TimeSpan within) => _thread.Join(within);

    private object? Call(ResiliencePipeline pipeline, int overload)
    {
        var context = ResilienceContextPool.Shared.Get(_cancellationToken);
        switch (overload)
        {
            case 0:
                pipeline.Execute(_ => { Attempt(); }, _cancellationToken);
                return null;
            case 1:
                return pipeline.Execute(_ => Attempt(), _cancellationToken);
            case 2:
                return pipeline.Execute(static (run, _) => run.Attempt(), this, _cancellationToken);
            case 3:
                pipeline.Execute(static (run, _) => { run.Attempt(); }, this, _cancellationToken);
                return null;
            case 4:
                return pipeline.Execute(_ => Attempt(), context);
            case 5:
                return pipeline.Execute(static (_, run) => run.Attempt(), context, this);
            case 6:
                pipeline.Execute(_ => { Attempt(); }, context);
                return null;
            default:
                pipeline.Execute(static (_, run) => { run.Attempt(); }, context, this);
                return null;
        }
    }

    private object Attempt()
    {
        Attempts++;
        if (Environment.CurrentManagedThreadId != _caller)
        {
            _faults.Add($"attempt {Attempts} ran on thread {Environment.CurrentManagedThreadId} and not on {_caller}");
        }

        if (!Monitor.IsEntered(_lock))
        {
            _faults.Add($"attempt {Attempts} does not hold its caller's lock");
        }

        return _attempt(Attempts);
    }

    private sealed class Refusing(List<string> faults) : SynchronizationContext
    {
        public override void Post(SendOrPostCallback d, object? state) => faults.Add("something was posted to the caller's context, which is blocked");

        public override void Send(SendOrPostCallback d, object? state) => faults.Add("something was sent to the caller's context, which is blocked");
    }
}
