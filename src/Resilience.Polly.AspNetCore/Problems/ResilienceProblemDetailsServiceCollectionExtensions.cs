using Microsoft.AspNetCore.Diagnostics;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Resilience.Polly;
using Resilience.Polly.AspNetCore.Problems;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Adds answers for failed pipelines to an application.</summary>
public static class ResilienceProblemDetailsServiceCollectionExtensions
{
    /// <summary>
    /// If the failure of a pipeline leaves an endpoint, answers with 502, 503 or 504 and problem details (RFC 9457); a 503
    /// of this application has <c>Retry-After</c> (guide: "Fail Fast"). The answers never say which service failed, where it is or what it said.
    /// </summary>
    /// <param name="services">The services of the application.</param>
    /// <returns>The same services.</returns>
    /// <remarks>
    /// Takes effect in <c>app.UseExceptionHandler()</c>. It calls <c>AddProblemDetails</c>, whose customisation applies. Exception handlers
    /// registered before come first. An <see cref="ApiStatusException"/> below 500 is a fault of the application itself and stays an unhandled exception.
    /// May be called more than once.
    /// </remarks>
    /// <exception cref="ArgumentNullException"><paramref name="services"/> is <see langword="null"/>.</exception>
    public static IServiceCollection AddResilienceProblemDetails(this IServiceCollection services)
    {
        ArgumentNullException.ThrowIfNull(services);
        services.AddProblemDetails();
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IExceptionHandler, FailureHandler>());
        return services;
    }
}
