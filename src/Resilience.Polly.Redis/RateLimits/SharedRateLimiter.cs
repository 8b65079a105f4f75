using System.Threading.RateLimiting;
using Microsoft.Extensions.Logging;
using Resilience.Polly.Redis.Primitives;

namespace Resilience.Polly.Redis.RateLimits;

/// <summary>
/// Asks a limiter that all instances share, and uses the share of this instance while that one does not answer. Then one caller a second also asks the shared limiter, and nobody waits for it.
/// </summary>
/// <param name="name">The name, for the log.</param>
/// <param name="shared">The limiter of all instances.</param>
/// <param name="createLocal">Creates the limiter of this instance, from the number of instances.</param>
/// <param name="instances">How many instances ran when that was last known.</param>
/// <param name="limit">How long a caller waits for the shared limiter.</param>
/// <param name="clock">The clock.</param>
/// <param name="logger">The log.</param>
internal sealed class SharedRateLimiter(
    string name, RateLimiter shared, Func<int, RateLimiter> createLocal, Func<int> instances, TimeSpan limit, TimeProvider clock, ILogger logger) : RateLimiter
{
    private static readonly TimeSpan BetweenTries = TimeSpan.FromSeconds(1);

    private readonly Lock _gate = new();
    private volatile RateLimiter? _local;
    private volatile bool _isLost;
    private int _localInstances;
    private long _triedAt;

    public override TimeSpan? IdleDuration => shared.IdleDuration;

    public override RateLimiterStatistics? GetStatistics() => _isLost ? _local!.GetStatistics() : null; // the shared one would ask its server, and block

    // The shared limiter asks a server. A thread must not wait for that, so a caller without time gets no permit of it.
    protected override RateLimitLease AttemptAcquireCore(int permitCount)
    {
        if (!_isLost)
        {
            return NoPermit.Instance;
        }

        TryAgain(permitCount);
        return _local!.AttemptAcquire(permitCount);
    }

    protected override async ValueTask<RateLimitLease> AcquireAsyncCore(int permitCount, CancellationToken cancellationToken)
    {
        if (_isLost)
        {
            TryAgain(permitCount);
        }
        else
        {
            var asked = AskAsync(permitCount, cancellationToken);
            try
            {
                return await asked.WaitAsync(limit, clock, cancellationToken).ConfigureAwait(false);
            }
            catch (Exception exception) when (!cancellationToken.IsCancellationRequested) // whatever the limiter throws, its caller gets a permit of the local one
            {
                _ = DisposeLateAsync(asked);
                Lose(asked.IsCompleted ? exception.GetType().Name : "no answer in time");
            }
            catch (OperationCanceledException)
            {
                _ = DisposeLateAsync(asked);
                throw;
            }
        }

        return await _local!.AcquireAsync(permitCount, cancellationToken).ConfigureAwait(false);
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            shared.Dispose();
            _local?.Dispose();
        }

        base.Dispose(disposing);
    }

    protected override async ValueTask DisposeAsyncCore()
    {
        await shared.DisposeAsync().ConfigureAwait(false);
        if (_local is { } local)
        {
            await local.DisposeAsync().ConfigureAwait(false);
        }

        await base.DisposeAsyncCore().ConfigureAwait(false);
    }

    private static async Task DisposeLateAsync(Task<RateLimitLease> asked)
    {
        await ((Task)asked).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (asked.IsCompletedSuccessfully)
        {
            (await asked.ConfigureAwait(false)).Dispose();
        }
    }

    // A limiter may throw before it gives a task.
    private async Task<RateLimitLease> AskAsync(int permitCount, CancellationToken cancellationToken) =>
        await shared.AcquireAsync(permitCount, cancellationToken).ConfigureAwait(false);

    private void Lose(string reason)
    {
        lock (_gate)
        {
            _triedAt = clock.GetTimestamp();
            if (_isLost)
            {
                return;
            }

            // What the last outage has used up stays used up, unless the number of instances is another one.
            var count = Math.Max(1, instances());
            if (_local is null || count != _localInstances)
            {
                _local?.Dispose();
                (_local, _localInstances) = (createLocal(count) ?? throw new InvalidOperationException($"The local limiter of '{name}' is null."), count);
            }

            _isLost = true;
            Log.LimiterLost(logger, name, reason, count);
        }
    }

    private void TryAgain(int permitCount)
    {
        lock (_gate)
        {
            if (clock.GetElapsedTime(_triedAt) < BetweenTries)
            {
                return;
            }

            _triedAt = clock.GetTimestamp();
        }

        _ = Task.Run(() => TryAsync(permitCount));
    }

    private async Task TryAsync(int permitCount)
    {
        var asked = AskAsync(permitCount, CancellationToken.None);
        await asked.WaitAsync(limit, clock).ContinueWith(static _ => { }, TaskScheduler.Default).ConfigureAwait(false);
        _ = DisposeLateAsync(asked);
        if (asked.IsCompletedSuccessfully)
        {
            lock (_gate)
            {
                if (_isLost)
                {
                    _isLost = false;
                    Log.LimiterRestored(logger, name);
                }
            }
        }
    }

    private sealed class NoPermit : RateLimitLease
    {
        public static readonly NoPermit Instance = new();

        public override bool IsAcquired => false;

        public override IEnumerable<string> MetadataNames => [];

        public override bool TryGetMetadata(string metadataName, out object? metadata)
        {
            metadata = null;
            return false;
        }
    }
}
