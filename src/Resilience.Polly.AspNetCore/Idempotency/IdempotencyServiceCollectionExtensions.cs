using Microsoft.AspNetCore.Mvc.ApiExplorer;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Resilience.Polly;
using Resilience.Polly.AspNetCore;
using Resilience.Polly.AspNetCore.Idempotency;
using Resilience.Polly.AspNetCore.Idempotency.Execution;
using Resilience.Polly.Primitives;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Adds idempotent endpoints to an application.</summary>
public static class IdempotencyServiceCollectionExtensions
{
    /// <summary>
    /// Lets endpoints execute a request once for each key, and answer repetitions with the stored response (guide: "Idempotency: The Key to Safe Retries"). Needs <c>app.UseIdempotency()</c>,
    /// and <c>RequireIdempotency()</c> or <c>[Idempotent]</c> on each endpoint.
    /// </summary>
    /// <param name="services">The services of the application.</param>
    /// <param name="configure">Sets the defaults of all endpoints. They are checked when the host starts.</param>
    /// <returns>The same services.</returns>
    /// <remarks>
    /// Without an <see cref="IIdempotencyStore"/> among the services, an <see cref="InMemoryIdempotencyStore"/> is added, which serves one instance. Calls <c>AddProblemDetails</c>. May be called
    /// more than once. The page "Idempotency" of the documentation has the details.
    /// </remarks>
    /// <exception cref="ArgumentNullException"><paramref name="services"/> is <see langword="null"/>.</exception>
    public static IServiceCollection AddIdempotency(this IServiceCollection services, Action<IdempotentEndpointOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(services);
        services.AddProblemDetails();
        var options = services.AddOptions<IdempotentEndpointOptions>().ValidateOnStart();
        if (configure is not null)
        {
            options.Configure(configure);
        }

        services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<IdempotentEndpointOptions>>(new OptionFaultsValidation<IdempotentEndpointOptions>(static options => options.Faults())));
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton<IIdempotencyStore>(provider => new InMemoryIdempotencyStore(
            timeProvider: provider.GetRequiredService<TimeProvider>(), logger: provider.GetRequiredService<ILogger<InMemoryIdempotencyStore>>()));
        services.TryAddSingleton<ClaimedCalls>();
        services.TryAddSingleton<HostStop>();
        services.TryAddSingleton<IdempotencyMarker>();
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IHostedService, IdempotencyLifecycle>());
        services.TryAddEnumerable(ServiceDescriptor.Transient<IApiDescriptionProvider, IdempotencyApiDescriptionProvider>());
        return services;
    }
}
