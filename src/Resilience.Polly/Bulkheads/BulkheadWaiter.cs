namespace Resilience.Polly.Bulkheads;

/// <summary>
/// One call in line. Exactly one of grant, timeout and cancellation settles it, under the lock of the bulkhead;
/// its continuation runs on another thread, so no caller's code runs under that lock.
/// </summary>
internal sealed class BulkheadWaiter() : TaskCompletionSource<BulkheadEntry>(TaskCreationOptions.RunContinuationsAsynchronously)
{
    /// <summary>The place in line; <see langword="null"/> once settled.</summary>
    public LinkedListNode<BulkheadWaiter>? Place { get; set; }
}
