using Microsoft.AspNetCore.Mvc.Filters;
using Resilience.Polly.AspNetCore.Idempotency.Settings;

namespace Resilience.Polly.AspNetCore;

/// <summary>
/// Executes a request once for each key, and answers repetitions with the stored response: on a controller, an action, or the handler of a minimal API (guide: "Idempotency: The Key to Safe
/// Retries"). Needs <c>AddIdempotency</c> and <c>UseIdempotency</c>. GET, HEAD, OPTIONS and TRACE are left alone.
/// </summary>
[AttributeUsage(AttributeTargets.Class | AttributeTargets.Method)]
public sealed class IdempotentAttribute : Attribute, IResourceFilter, IIdempotencyMetadata
{
    private bool? _requireKey;

    /// <summary>Whether a request without a key gets 400.</summary>
    /// <value>true or false; the default is that of <c>AddIdempotency</c>, which is <see langword="true"/>.</value>
    public bool RequireKey
    {
        get => _requireKey ?? true;
        set => _requireKey = value;
    }

    void IIdempotencyMetadata.Configure(IdempotentEndpointOptions options) => options.RequireKey = _requireKey ?? options.RequireKey;

    void IResourceFilter.OnResourceExecuting(ResourceExecutingContext context) => IdempotencyGuard.ThrowIfUnguarded(context.HttpContext);

    void IResourceFilter.OnResourceExecuted(ResourceExecutedContext context)
    {
    }
}
