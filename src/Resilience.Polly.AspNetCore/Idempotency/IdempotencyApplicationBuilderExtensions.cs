using Microsoft.Extensions.DependencyInjection;
using Resilience.Polly.AspNetCore.Idempotency;

namespace Microsoft.AspNetCore.Builder;

/// <summary>Adds the middleware of idempotent endpoints to an application.</summary>
public static class IdempotencyApplicationBuilderExtensions
{
    /// <summary>Adds the middleware. It belongs after routing, authentication and authorization, and before the endpoints.</summary>
    /// <param name="app">The application.</param>
    /// <returns>The same application.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="app"/> is <see langword="null"/>.</exception>
    /// <exception cref="InvalidOperationException"><c>AddIdempotency</c> was not called.</exception>
    public static IApplicationBuilder UseIdempotency(this IApplicationBuilder app)
    {
        ArgumentNullException.ThrowIfNull(app);
        var marker = app.ApplicationServices.GetService<IdempotencyMarker>()
            ?? throw new InvalidOperationException("Call builder.Services.AddIdempotency() before app.UseIdempotency().");
        marker.IsUsed = true;
        return app.UseMiddleware<IdempotencyMiddleware>();
    }
}
