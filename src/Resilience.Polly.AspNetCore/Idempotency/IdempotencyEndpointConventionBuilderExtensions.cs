using Resilience.Polly.AspNetCore;
using Resilience.Polly.AspNetCore.Idempotency.Settings;

namespace Microsoft.AspNetCore.Builder;

/// <summary>Makes endpoints idempotent.</summary>
public static class IdempotencyEndpointConventionBuilderExtensions
{
    /// <summary>
    /// Executes a request once for each key, and answers repetitions with the stored response. Needs <c>AddIdempotency</c> and <c>UseIdempotency</c>. GET, HEAD, OPTIONS and TRACE are left alone.
    /// </summary>
    /// <typeparam name="TBuilder">The type of the builder.</typeparam>
    /// <param name="builder">An endpoint, or a group of them.</param>
    /// <param name="configure">Changes the defaults of <c>AddIdempotency</c> for these endpoints. Those of a group apply before those of an endpoint inside. They are checked when the host starts.</param>
    /// <returns>The same builder.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="builder"/> is <see langword="null"/>.</exception>
    public static TBuilder RequireIdempotency<TBuilder>(this TBuilder builder, Action<IdempotentEndpointOptions>? configure = null)
        where TBuilder : IEndpointConventionBuilder
    {
        ArgumentNullException.ThrowIfNull(builder);
        builder.Add(endpoint => endpoint.Metadata.Add(new IdempotencyMetadata(configure)));
        builder.Finally(static endpoint =>
        {
            if (endpoint.RequestDelegate is { } inner)
            {
                endpoint.RequestDelegate = context =>
                {
                    IdempotencyGuard.ThrowIfUnguarded(context);
                    return inner(context);
                };
            }
        });
        return builder;
    }
}
