using Microsoft.Extensions.Http;
using Microsoft.Extensions.Options;
using Resilience.Polly;
using Resilience.Polly.Http;
using Resilience.Polly.Http.Calls;
using Resilience.Polly.Http.Clients;
using Resilience.Polly.Http.Registration;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Adds pipelines to HttpClients.</summary>
public static class ResilienceHttpServiceCollectionExtensions
{
    /// <summary>Adds a <see cref="ResilientClient"/>. Inject it by <c>[FromKeyedServices(name)]</c>, or create it with <see cref="IResilientClientFactory"/>.</summary>
    /// <param name="services">The services of the application.</param>
    /// <param name="name">The name of the client, and of its pipeline.</param>
    /// <param name="configure">Sets the options of the pipeline, as in <c>AddPipeline</c>. Omit it if the configuration or other code does so.</param>
    /// <param name="strategies">Adds strategies around the call and around each attempt, as in <c>AddPipeline</c>. Omit it if other code does so.</param>
    /// <returns>The builder of the inner HttpClient, for its primary handler, its headers and handlers of your own, which see each attempt.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="services"/> or <paramref name="name"/> is <see langword="null"/>.</exception>
    public static IHttpClientBuilder AddResilientClient(
        this IServiceCollection services, string name, Action<PipelineOptions>? configure = null, Action<PipelineStrategies>? strategies = null)
    {
        ArgumentNullException.ThrowIfNull(services);
        ArgumentNullException.ThrowIfNull(name);
        var resilience = services.AddResilience();
        if (configure is not null || strategies is not null)
        {
            resilience.AddPipeline(name, configure, strategies: strategies);
        }

        return services.AddHttpClient(name).AddResilience(name);
    }

    /// <summary>
    /// Sends every request of an HttpClient through a pipeline: a typed client, Refit, an SDK that takes an HttpClient. In <c>ConfigureHttpClientDefaults</c>
    /// it does so for every client without a pipeline of its own.
    /// </summary>
    /// <param name="builder">The builder of the client, or of the defaults of all clients.</param>
    /// <param name="pipelineName">The name of the pipeline; if omitted, that of the client, for a default too.</param>
    /// <param name="streamResponses">
    /// Whether answers are returned as soon as their head has come, for clients that read large or endless bodies themselves.
    /// Otherwise each body is read inside its attempt. Server-sent events, NDJSON and gRPC are streamed if the request asks for them.
    /// </param>
    /// <param name="repetition">Whether requests may be sent again after a failure. If omitted, the method, the request id and the body decide.</param>
    /// <returns>The same builder. Handlers added before see a call; handlers added afterwards see each attempt.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="builder"/> is <see langword="null"/>.</exception>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="repetition"/> is not a value of the enum.</exception>
    /// <remarks>
    /// The last answer is returned whatever its status, as in HttpClient. Other failures are those of the pipeline.
    /// The default of HttpClient.Timeout is switched off, since the pipeline has its own limits. Any other value limits the whole call. A client without a base address gets that of the pipeline.
    /// A client has one pipeline. Its own replaces the default, and stays where the client adds it. A second one of its own is refused when the client is created.
    /// A named pipeline must exist when the host starts.
    /// </remarks>
    public static IHttpClientBuilder AddResilience(this IHttpClientBuilder builder, string? pipelineName = null, bool streamResponses = false, CallRepetition? repetition = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ResilientRequestOptions.ThrowIfUndefined(repetition, nameof(repetition));
        AddCore(builder.Services);
        Choose(builder, new(pipelineName, streamResponses, repetition));
        if ((pipelineName ?? builder.Name) is { } known)
        {
            builder.Services.AddSingleton(new PipelineUse(known, ClientOf(builder)));
        }

        return builder;
    }

    /// <summary>Removes the pipeline of a client, usually one that <c>ConfigureHttpClientDefaults</c> gave to all.</summary>
    /// <param name="builder">The builder of the client, or of the defaults of all clients.</param>
    /// <returns>The same builder. An <c>AddResilience</c> afterwards gives the client a pipeline again.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="builder"/> is <see langword="null"/>.</exception>
    /// <remarks>The client then behaves as without <c>AddResilience</c>, with the timeout of HttpClient.</remarks>
    public static IHttpClientBuilder RemoveResilience(this IHttpClientBuilder builder)
    {
        ArgumentNullException.ThrowIfNull(builder);
        AddCore(builder.Services);
        Choose(builder, new(PipelineName: null, IsNone: true));
        return builder;
    }

    // Through the services of the builder: those of the defaults put their registrations before those of single clients.
    private static void Choose(IHttpClientBuilder builder, PipelineChoice choice)
    {
        var (services, clientName) = (builder.Services, (string?)builder.Name);
        if (clientName is null || choice.IsNone)
        {
            ForgetUses(services, ClientOf(builder));
        }

        services.AddSingleton<IConfigureOptions<ResilienceClientOptions>>(new ResilienceClientChoice(clientName, choice));
        services.AddSingleton<IConfigureOptions<HttpClientFactoryOptions>>(provider => new ResilienceClientSetup(clientName, choice, provider));
    }

    // A choice that is not in force needs no pipeline.
    private static void ForgetUses(IServiceCollection services, string client)
    {
        foreach (var forgotten in services.Where(service => service.ServiceType == typeof(PipelineUse) && !service.IsKeyedService
            && service.ImplementationInstance is PipelineUse use && use.Client == client).ToArray())
        {
            services.Remove(forgotten);
        }
    }

    // The builder of the defaults has no name.
    private static string ClientOf(IHttpClientBuilder builder) => builder.Name ?? "ConfigureHttpClientDefaults";

    private static void AddCore(IServiceCollection services)
    {
        services.AddResilience();
        if (services.Any(service => service.ServiceType == typeof(IResilientClientFactory)))
        {
            return;
        }

        services.AddSingleton<CurrentOptions>();
        services.AddSingleton<LivingClientsByName>();
        services.AddSingleton<IResilientClientFactory, ResilientClientFactory>();
        services.AddSingleton<IHttpMessageHandlerBuilderFilter, PhaseTimeoutFilter>();
        services.AddSingleton<IHttpMessageHandlerBuilderFilter, NestedRetriesFilter>();
        services.AddKeyedTransient<ResilientClient>(KeyedService.AnyKey, (provider, key) => key is string name
            ? provider.GetRequiredService<IResilientClientFactory>().CreateClient(name)
            : throw new InvalidOperationException($"A resilient client needs its name as the key, not a {key?.GetType().Name ?? "null"}."));
    }
}
