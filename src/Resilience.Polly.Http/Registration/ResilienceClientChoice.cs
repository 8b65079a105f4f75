using Microsoft.Extensions.Options;
using Resilience.Polly.Http.Clients;

namespace Resilience.Polly.Http.Registration;

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
