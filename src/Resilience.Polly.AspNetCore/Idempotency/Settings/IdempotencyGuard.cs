using Microsoft.AspNetCore.Http;

namespace Resilience.Polly.AspNetCore.Idempotency.Settings;

/// <summary>Refuses to run a marked endpoint that nothing protects, as ASP.NET Core does without its authorization middleware.</summary>
internal static class IdempotencyGuard
{
    public static void ThrowIfUnguarded(HttpContext context)
    {
        if (context.Features.Get<IdempotentRequest>() is null)
        {
            throw new InvalidOperationException(
                $"Endpoint '{context.GetEndpoint()?.DisplayName}' requires idempotency, but no middleware for it has seen the request. Call builder.Services.AddIdempotency(), and "
                + "app.UseIdempotency() after app.UseRouting() and app.UseAuthentication(), and before the endpoints.");
        }
    }
}
