using System.Collections.Concurrent;

namespace Resilience.Polly.Http;

/// <summary>
/// Ends an attempt as a whole where nothing else limits it. Every call has one and hardly any reaches it, so its source is used again and
/// costs no allocation. On a clock other than the system's each attempt has a source of its own.
/// </summary>
#pragma warning disable CA1001 // who was given the token may still look at it
internal sealed class AttemptLimit
#pragma warning restore CA1001
{
    private const int Most = 1024;

    private static readonly ConcurrentQueue<AttemptLimit> Idle = new();

    private readonly CancellationTokenSource _source;
    private readonly bool _isReusable;
    private CancellationToken _callerToken;
    private CancellationTokenRegistration _caller;

    private AttemptLimit(CancellationTokenSource source, bool isReusable) => (_source, _isReusable) = (source, isReusable);

    /// <summary>Cancelled when the limit has passed, or when the caller gives up.</summary>
    public CancellationToken Token => _source.Token;

    /// <summary>Whether it was the limit that ended the attempt.</summary>
    public bool HasPassed => _source.IsCancellationRequested && !_callerToken.IsCancellationRequested;

    public static AttemptLimit Begin(TimeSpan limit, TimeProvider time, CancellationToken callerToken)
    {
        var begun = Take(limit, time);
        begun._callerToken = callerToken;
        begun._caller = callerToken.UnsafeRegister(static limit => ((AttemptLimit)limit!)._source.Cancel(), begun);
        return begun;
    }

    /// <param name="isTokenFree">Whether nobody has the token any more. The reader of a stream may have it, and must not be ended by another attempt.</param>
    public void End(bool isTokenFree)
    {
        _caller.Dispose(); // waits for a cancellation under way, so that it cannot reach the next attempt
        _callerToken = default;
        if (isTokenFree && _isReusable && Idle.Count < Most && _source.TryReset())
        {
            Idle.Enqueue(this);
        }
        else
        {
            _source.CancelAfter(Timeout.InfiniteTimeSpan);
        }
    }

    private static AttemptLimit Take(TimeSpan limit, TimeProvider time)
    {
        if (!ReferenceEquals(time, TimeProvider.System))
        {
            return new(new CancellationTokenSource(limit, time), isReusable: false);
        }

        var taken = Idle.TryDequeue(out var idle) ? idle : new(new CancellationTokenSource(), isReusable: true);
        taken._source.CancelAfter(limit);
        return taken;
    }
}
