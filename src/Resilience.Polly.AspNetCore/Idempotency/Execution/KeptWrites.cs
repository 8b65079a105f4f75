using Microsoft.Extensions.Logging;
using Resilience.Polly.AspNetCore.Primitives;

namespace Resilience.Polly.AspNetCore.Idempotency.Execution;

/// <summary>What could not be stored, until the store answers again. It is bounded: the oldest are dropped.</summary>
internal sealed class KeptWrites(StoreClient store, TimeProvider clock, ILogger logger) : IDisposable
{
    private const int MaxWrites = 10_000;
    private const long MaxBytes = 64L * 1024 * 1024;

    private static readonly TimeSpan BetweenAttempts = TimeSpan.FromSeconds(1);

    private readonly Lock _lock = new();
    private readonly LinkedList<StoreWrite> _writes = [];
    private readonly SemaphoreSlim _oneAtATime = new(1);
    private ITimer? _timer;
    private long _bytes;

    public int Count
    {
        get
        {
            lock (_lock)
            {
                return _writes.Count;
            }
        }
    }

    public void Add(StoreWrite write)
    {
        lock (_lock)
        {
            while (_writes.First is { } oldest && (_writes.Count >= MaxWrites || _bytes + SizeOf(write) > MaxBytes))
            {
                Remove(oldest);
                Log.IdempotentResultDropped(logger);
            }

            _writes.AddLast(write);
            _bytes += SizeOf(write);
            if (_timer is null)
            {
                // Without the execution context of the request, which the timer would keep alive.
                using (ExecutionContext.SuppressFlow())
                {
                    _timer = clock.CreateTimer(static kept => _ = ((KeptWrites)kept!).FlushAsync(), this, BetweenAttempts, BetweenAttempts);
                }
            }
        }
    }

    /// <summary>Writes them, the oldest first, until the store does not answer.</summary>
    public async Task FlushAsync()
    {
        if (!await _oneAtATime.WaitAsync(0).ConfigureAwait(false))
        {
            return;
        }

        try
        {
            while (First() is { } node)
            {
                if (!await node.Value.ToAsync(store).ConfigureAwait(false))
                {
                    Log.IdempotentResultRefused(logger);
                }

                lock (_lock)
                {
                    Remove(node);
                }
            }
        }
        catch (SharedStateUnavailableException)
        {
            // It is tried again.
        }
        finally
        {
            _oneAtATime.Release();
        }
    }

    /// <summary>The application ends: tries once more, and reports what is lost.</summary>
    public async Task EndAsync()
    {
        await FlushAsync().ConfigureAwait(false);
        if (Count is > 0 and var lost)
        {
            Log.IdempotentResultsLost(logger, lost);
        }
    }

    public void Dispose()
    {
        lock (_lock)
        {
            _timer?.Dispose();
        }

        _oneAtATime.Dispose();
    }

    private static long SizeOf(StoreWrite write) => 500 + (write.Result?.Length ?? 0);

    private LinkedListNode<StoreWrite>? First()
    {
        lock (_lock)
        {
            if (_writes.First is null)
            {
                _timer?.Dispose();
                _timer = null;
            }

            return _writes.First;
        }
    }

    // It may have been dropped meanwhile.
    private void Remove(LinkedListNode<StoreWrite> node)
    {
        if (node.List is not null)
        {
            _bytes -= SizeOf(node.Value);
            _writes.Remove(node);
        }
    }
}
