using Resilience.Polly.Primitives;

namespace Resilience.Polly.Http.Calls;

/// <summary>
/// Ends an attempt as a whole where nothing else limits it. Every call has one and hardly any reaches it, so it is used again and costs
/// no allocation.
/// </summary>
internal sealed class AttemptLimit(IdlePool<AttemptLimit> pool, TimeProvider time) : TimedToken(time)
{
    public void Begin(TimeSpan limit, CancellationToken callerToken) => Begin(Clock.GetTimestamp(), limit, callerToken);

    /// <param name="isTokenFree">Whether nobody has the token any more. The reader of a stream may have it, and must not be ended by another attempt.</param>
    public void End(bool isTokenFree)
    {
        if (!End(isTokenFree, out _) || !pool.Return(this))
        {
            Drop();
        }
    }
}
