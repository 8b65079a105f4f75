using Microsoft.Extensions.DependencyInjection;

namespace Resilience.Polly.Http;

/// <summary>HTTP clients without a container.</summary>
public static class ResiliencePipelinesHttpExtensions
{
    /// <summary>Gets a client that was added with <c>AddResilientClient</c>.</summary>
    /// <param name="pipelines">The result of <see cref="ResiliencePipelines.Create"/>.</param>
    /// <param name="name">The name of the client.</param>
    /// <returns>The client. It lives as long as <paramref name="pipelines"/>.</returns>
    /// <exception cref="ArgumentNullException">An argument is <see langword="null"/>.</exception>
    /// <exception cref="KeyNotFoundException">No client has this name.</exception>
    public static ResilientClient GetClient(this ResiliencePipelines pipelines, string name)
    {
        ArgumentNullException.ThrowIfNull(pipelines);
        ArgumentNullException.ThrowIfNull(name);
        return pipelines.Services.GetKeyedService<ResilientClient>(name)
            ?? throw new KeyNotFoundException($"No client is named '{name}'. Add it with AddResilientClient(\"{name}\").");
    }
}
