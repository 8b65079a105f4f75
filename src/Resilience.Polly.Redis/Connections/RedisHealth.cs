using Microsoft.Extensions.Logging;
using Resilience.Polly.Redis.Primitives;

namespace Resilience.Polly.Redis.Connections;

/// <summary>
/// Whether Redis may be asked. After a failure nobody may, until a check in the background has succeeded: a server that is frozen costs one caller its wait, and the others nothing.
/// </summary>
/// <remarks>The check gives the fault that it finds, and must not throw.</remarks>
internal sealed class RedisHealth(Func<Task<RedisFault?>> check, Func<string> name, TimeProvider clock, ILogger logger) : IDisposable
{
    private static readonly TimeSpan BetweenChecks = TimeSpan.FromMilliseconds(250);

    private readonly Lock _gate = new();
    private readonly CancellationTokenSource _stop = new();
    private readonly TaskCompletionSource _first = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private volatile bool _isUp;
    private RedisFault? _fault;
    private long _downSince;
    private bool _isChecking;

    /// <summary>Redis answers again.</summary>
    public event Action? Restored;

    public bool IsUp => _isUp;

    /// <summary>Why it may not be asked.</summary>
    public string Reason
    {
        get
        {
            lock (_gate)
            {
                return _fault?.Reason ?? "it is not connected yet";
            }
        }
    }

    /// <summary>Ends when the first check has ended, in whatever way.</summary>
    public Task FirstCheck => _first.Task;

    /// <summary>Begins with the first check, in the background.</summary>
    public void Start()
    {
        lock (_gate)
        {
            if (!_first.Task.IsCompleted)
            {
                Check();
            }
        }
    }

    /// <summary>Lets nobody ask until a check has succeeded.</summary>
    public void Fail(RedisFault fault)
    {
        lock (_gate)
        {
            if (_stop.IsCancellationRequested)
            {
                return;
            }

            NoteDown(fault);
            Check();
        }
    }

    /// <summary>Raises <see cref="Restored"/> if Redis may be asked; else a later check does.</summary>
    public void TellRestored()
    {
        if (_isUp)
        {
            Restored?.Invoke();
        }
    }

    public void Dispose()
    {
        lock (_gate)
        {
            _isUp = false;
            _fault = new("its connection was closed");
            _stop.Cancel();
        }
    }

    // Below: under the lock.

    private void Check()
    {
        if (!_isChecking && !_stop.IsCancellationRequested)
        {
            _isChecking = true;
            // On a thread of its own flow: what the caller carries along is not kept alive.
            using (ExecutionContext.IsFlowSuppressed() ? default : ExecutionContext.SuppressFlow())
            {
                _ = Task.Run(CheckUntilUpAsync);
            }
        }
    }

    private void NoteDown(RedisFault fault)
    {
        if (_fault is null)
        {
            _downSince = clock.GetTimestamp();
            Log.Lost(logger, name(), fault.Reason);
        }

        (_isUp, _fault) = (false, fault);
    }

    // Below: without the lock.

    private async Task CheckUntilUpAsync()
    {
        while (!_stop.IsCancellationRequested)
        {
            if (Settle(await check().ConfigureAwait(false)))
            {
                return;
            }

            await Task.Delay(BetweenChecks, clock, _stop.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private bool Settle(RedisFault? found)
    {
        bool isRestored;
        lock (_gate)
        {
            _first.TrySetResult();
            if (_stop.IsCancellationRequested)
            {
                return true;
            }

            if (found is { } fault)
            {
                NoteDown(fault);
                return false;
            }

            isRestored = _fault is not null;
            (_isUp, _fault, _isChecking) = (true, null, false);
        }

        if (isRestored)
        {
            Log.Restored(logger, name(), clock.GetElapsedTime(_downSince).TotalSeconds);
            Restored?.Invoke();
        }

        return true;
    }
}
