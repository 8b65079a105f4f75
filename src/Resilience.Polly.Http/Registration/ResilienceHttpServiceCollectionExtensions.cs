using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Http;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Polly.Registry;
using Resilience.Polly;
using Resilience.Polly.Http;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Gives HttpClients a pipeline.</summary>
public static class ResilienceHttpServiceCollectionExtensions
{
    /// <summary>Adds a <see cref="ResilientClient"/>, to be injected by <c>[FromKeyedServices(name)]</c> or made by <see cref="IResilientClientFactory"/>.</summary>
    /// <param name="services">The services of the application.</param>
    /// <param name="name">The name of the client, and of its pipeline.</param>
    /// <param name="configure">Sets the options of the pipeline, as <c>AddPipeline</c> does; left out where the configuration or code elsewhere does so.</param>
    /// <returns>The builder of the HttpClient inside, for its primary handler, its headers and handlers of one's own, which see each attempt.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="services"/> or <paramref name="name"/> is <see langword="null"/>.</exception>
    public static IHttpClientBuilder AddResilientClient(this IServiceCollection services, string name, Action<PipelineOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(services);
        ArgumentNullException.ThrowIfNull(name);
        var resilience = services.AddResilience();
        if (configure is not null)
        {
            resilience.AddPipeline(name, configure);
        }

        return services.AddHttpClient(name).AddResilience(name);
    }

    /// <summary>Sends every request of an HttpClient through a pipeline: a typed client, Refit, an SDK that takes an HttpClient.</summary>
    /// <param name="builder">The builder of the client.</param>
    /// <param name="pipelineName">The name of the pipeline; that of the client where it is left out.</param>
    /// <param name="streamResponses">
    /// Whether answers are returned as soon as their head is there, for clients that read large or endless bodies themselves;
    /// otherwise each body is read inside its attempt. Server-sent events, NDJSON and gRPC are streamed where the request asks for them.
    /// </param>
    /// <param name="repetition">Whether requests may be sent again after a failure; left out, the method, the request id and the body decide.</param>
    /// <returns>The same builder. Handlers added before see a call, handlers added afterwards see each attempt.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="builder"/> is <see langword="null"/>.</exception>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="repetition"/> is none that there is.</exception>
    /// <remarks>
    /// The last answer is returned whatever its status, as HttpClient has it; other failures are those of the pipeline.
    /// HttpClient.Timeout is switched off, since the pipeline has limits of its own, and the base address is that of the pipeline where the client has none.
    /// </remarks>
    public static IHttpClientBuilder AddResilience(this IHttpClientBuilder builder, string? pipelineName = null, bool streamResponses = false, CallRepetition? repetition = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        if (repetition is { } asked)
        {
            RequestOptions.ThrowIfUndefined(asked, nameof(repetition));
        }

        var (services, clientName, pipeline) = (builder.Services, builder.Name, pipelineName ?? builder.Name);
        AddCore(services);
        services.Configure<ResilienceClientOptions>(clientName, options => options.Use(clientName, pipeline));
        services.AddSingleton(new PipelineUse(pipeline, clientName));
        return builder
            .ConfigureHttpClient((provider, client) =>
            {
                client.Timeout = Timeout.InfiniteTimeSpan;
                Clients(provider).Of(clientName).Add(client);
                client.BaseAddress ??= Settings(provider).Of(pipeline).BaseAddress;
            })
            .AddHttpMessageHandler(provider => new ResilienceHandler(
                pipeline,
                provider.GetRequiredService<ResiliencePipelineProvider<string>>().GetPipeline(pipeline),
                Settings(provider),
                Time(provider),
                Clients(provider).Of(clientName),
                streamResponses,
                repetition));
    }

    private static LivingClientsByName Clients(IServiceProvider provider) => provider.GetRequiredService<LivingClientsByName>();

    private static LiveSettings Settings(IServiceProvider provider) => provider.GetRequiredService<LiveSettings>();

    private static TimeProvider Time(IServiceProvider provider) => provider.GetService<TimeProvider>() ?? TimeProvider.System;

    private static void AddCore(IServiceCollection services)
    {
        services.AddResilience();
        if (services.Any(service => service.ServiceType == typeof(IResilientClientFactory)))
        {
            return;
        }

        services.AddSingleton<LiveSettings>();
        services.AddSingleton<LivingClientsByName>();
        services.AddSingleton<IResilientClientFactory, ResilientClientFactory>();
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IHttpMessageHandlerBuilderFilter, PhaseTimeoutFilter>(provider => new PhaseTimeoutFilter(
            provider.GetRequiredService<IOptionsMonitor<ResilienceClientOptions>>(),
            Settings(provider),
            Time(provider),
            provider.GetRequiredService<ILogger<PhaseTimeoutHandler>>())));
        services.AddKeyedTransient<ResilientClient>(KeyedService.AnyKey, (provider, key) => key is string name
            ? provider.GetRequiredService<IResilientClientFactory>().Create(name)
            : throw new InvalidOperationException($"A resilient client is asked for by its name, not by a {key?.GetType().Name ?? "null"}."));
    }
}
