using Resilience.Polly.Primitives;

namespace Resilience.Polly.Http.Calls;

/// <summary>
/// Limits a whole attempt if nothing else does. Every call has one and hardly any reaches it, so it is reused and costs
/// no allocation.
/// </summary>
internal sealed class AttemptLimit(IdlePool<AttemptLimit> pool, TimeProvider time) : TimedToken(time)
{
    public void Begin(TimeSpan limit, CancellationToken callerToken) => Begin(Clock.GetTimestamp(), limit, callerToken);

    /// <param name="isTokenFree">Whether no code has the token any more. The reader of a stream may have it, and another attempt must not end that stream.</param>
    public void End(bool isTokenFree)
    {
        if (!End(isTokenFree, out _) || !pool.Return(this))
        {
            Drop();
        }
    }
}
