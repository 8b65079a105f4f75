namespace Resilience.Polly.RateLimits;

/// <summary>
/// One attempt in line. Exactly one of grant, refusal and cancellation settles it, under the lock of the limit. Its continuation runs on another thread,
/// so no caller's code runs under that lock.
/// </summary>
/// <param name="latest">The time until which it may wait.</param>
internal sealed class RateLimitWaiter(long latest) : TaskCompletionSource<RateLimitEntry>(TaskCreationOptions.RunContinuationsAsynchronously)
{
    public long Latest => latest;

    /// <summary>The place in line; <see langword="null"/> once settled.</summary>
    public LinkedListNode<RateLimitWaiter>? Place { get; set; }
}
