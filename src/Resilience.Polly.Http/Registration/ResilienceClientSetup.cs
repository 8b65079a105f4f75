using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Http;
using Microsoft.Extensions.Options;
using Polly.Registry;
using Resilience.Polly.Http.Calls;
using Resilience.Polly.Http.Clients;

namespace Resilience.Polly.Http.Registration;

/// <summary>
/// Puts the handler of one choice into the clients that the choice is in force for. Each choice of a client stands at its own place
/// among the handlers, and only the one in force adds its handler there, so that a client never has two.
/// </summary>
/// <param name="clientName">The client, or <see langword="null"/> for all of them.</param>
/// <param name="choice">The choice.</param>
/// <param name="services">The services of the application.</param>
internal sealed class ResilienceClientSetup(string? clientName, PipelineChoice choice, IServiceProvider services)
    : IConfigureNamedOptions<HttpClientFactoryOptions>
{
    public void Configure(HttpClientFactoryOptions options) => Configure(Options.DefaultName, options);

    public void Configure(string? name, HttpClientFactoryOptions options)
    {
        if (name is null || (clientName is not null && clientName != name))
        {
            return;
        }

        var client = services.GetRequiredService<IOptionsMonitor<ResilienceClientOptions>>().Get(name);
        if (ReferenceEquals(client.Choice, choice) && client.PipelineName is { } pipelineName)
        {
            options.HttpClientActions.Add(http => Prepare(http, name, pipelineName));
            options.HttpMessageHandlerBuilderActions.Add(builder => builder.AdditionalHandlers.Add(CreateHandler(name, pipelineName)));
        }
    }

    // Of HttpClient itself, which has no constant for it.
    private static readonly TimeSpan DefaultTimeout = TimeSpan.FromSeconds(100);

    private LivingClients ClientsOf(string name) => services.GetRequiredService<LivingClientsByName>().Of(name);

    private void Prepare(HttpClient http, string name, string pipelineName)
    {
        if (http.Timeout == DefaultTimeout)
        {
            http.Timeout = Timeout.InfiniteTimeSpan; // one that somebody has set stays, wherever it was set
        }

        ClientsOf(name).Add(http);
        http.BaseAddress ??= services.GetRequiredService<CurrentOptions>().Of(pipelineName).BaseAddress;
    }

    private ResilienceHandler CreateHandler(string name, string pipelineName) => new(
        pipelineName,
        services.GetRequiredService<ResiliencePipelineProvider<string>>().GetPipeline(pipelineName),
        services.GetRequiredService<CurrentOptions>(),
        services.GetService<TimeProvider>() ?? TimeProvider.System,
        ClientsOf(name),
        choice.StreamResponses,
        choice.Repetition);
}

/// <summary>Tells a client of a choice, by the client's name, which a choice for all clients learns here.</summary>
internal sealed class ResilienceClientChoice(string? clientName, PipelineChoice choice) : IConfigureNamedOptions<ResilienceClientOptions>
{
    public void Configure(ResilienceClientOptions options) => Configure(Options.DefaultName, options);

    public void Configure(string? name, ResilienceClientOptions options)
    {
        if (clientName is null)
        {
            options.UseByDefault(name ?? "", choice);
        }
        else if (clientName == name)
        {
            options.Use(name, choice);
        }
    }
}
