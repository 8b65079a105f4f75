namespace Resilience.Polly.AspNetCore;

/// <summary>What an idempotent endpoint does when the instance that executed an earlier request with the key died before its answer was stored.</summary>
public enum AbandonedCallAction
{
    /// <summary>The next request with the key executes the handler again. An effect of the first execution may happen twice.</summary>
    ReExecute,

    /// <summary>The next request with the key gets 409 without <c>Retry-After</c>: whether the call took effect is unknown. The handler is never executed again with this key.</summary>
    RejectUnknown,
}
