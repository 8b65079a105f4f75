using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Http;
using Microsoft.Extensions.Options;
using Polly.Registry;
using Resilience.Polly.Http.Calls;
using Resilience.Polly.Http.Clients;

namespace Resilience.Polly.Http.Registration;

/// <summary>
/// Adds the handler of one choice to the clients for which the choice is in force: to the named one, or to all without a name. Each choice of a client has
/// its own place among the handlers, and only the one in force adds its handler there. So a client never has two.
/// </summary>
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

    // A value of HttpClient itself, which has no constant for it.
    private static readonly TimeSpan DefaultTimeout = TimeSpan.FromSeconds(100);

    private LivingClients ClientsOf(string name) => services.GetRequiredService<LivingClientsByName>().Of(name);

    private void Prepare(HttpClient http, string name, string pipelineName)
    {
        if (http.Timeout == DefaultTimeout)
        {
            http.Timeout = Timeout.InfiniteTimeSpan; // a value that the application has set stays, wherever it was set
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

/// <summary>Applies a choice to a client by its name. A choice for all clients gets the name here.</summary>
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
