namespace Resilience.Polly.AspNetCore;

/// <summary>What a handler knows about the idempotency of the request that it handles; from <c>HttpContext.Idempotency()</c>.</summary>
public sealed class IdempotentRequest
{
    internal static readonly IdempotentRequest Unprotected = new(null, null);

    private readonly Action? _committed;
    private int _isCommitted;

    internal IdempotentRequest(string? key, Action? committed) => (Key, _committed) = (key, committed);

    /// <summary>The key of the caller; <see langword="null"/> if the request has none, or if its endpoint is not marked.</summary>
    public string? Key { get; }

    /// <summary>Whether <see cref="MarkCommitted"/> was called.</summary>
    public bool IsCommitted => Volatile.Read(ref _isCommitted) == 1;

    /// <summary>
    /// Says that the effect of the request is certain from now on: the payment is made, the transaction is committed. From then on the request is never executed again, whatever its answer is
    /// and even if this instance dies. Does nothing for a request without a key. May be called from any thread, and more than once.
    /// </summary>
    /// <remarks>This method tells the store at once, and does not wait for its answer.</remarks>
    public void MarkCommitted()
    {
        if (_committed is not null && Interlocked.Exchange(ref _isCommitted, 1) == 0)
        {
            _committed();
        }
    }
}
