using Resilience.Polly.AspNetCore;

namespace Microsoft.AspNetCore.Http;

/// <summary>What a handler of an idempotent endpoint can ask and say.</summary>
public static class IdempotencyHttpContextExtensions
{
    /// <summary>The idempotency of a request. A request that has no key, or whose endpoint is not marked, gets an object that does nothing.</summary>
    /// <param name="context">The request.</param>
    /// <returns>What the handler can ask and say.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="context"/> is <see langword="null"/>.</exception>
    public static IdempotentRequest Idempotency(this HttpContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        return context.Features.Get<IdempotentRequest>() ?? IdempotentRequest.Unprotected;
    }
}
