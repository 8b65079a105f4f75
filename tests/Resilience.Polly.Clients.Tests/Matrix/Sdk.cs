using Microsoft.Extensions.DependencyInjection;

namespace Resilience.Polly.Clients.Tests;

/// <summary>A client library, as the matrix uses it. It sends by the HttpClient that it registers.</summary>
public abstract class Sdk
{
    /// <summary>The name of its HttpClient and of its pipeline.</summary>
    public const string Name = "sdk";

    /// <summary>What its user calls, by name. Each returns what it was answered.</summary>
    public abstract IReadOnlyDictionary<string, Func<IServiceProvider, Task<string>>> Calls { get; }

    /// <summary>The failures that its users catch, its own error first.</summary>
    public abstract IReadOnlyList<Type> Errors { get; }

    /// <summary>Whether the SDK retries by itself.</summary>
    public virtual bool Retries => false;

    /// <summary>Whether it hands the body of an answer to its user as it comes.</summary>
    public virtual bool Streams => false;

    /// <summary>Whether only the SDK's own retries recover from a fault, so that switching them off loses that.</summary>
    public virtual bool NeedsItsRetries(string callName, Fault fault) => false;

    /// <summary>Registers the client.</summary>
    /// <param name="services">The services of the application.</param>
    /// <param name="server">The service that it calls.</param>
    /// <param name="retries">Whether the SDK's own retries are left as they are, but for their waits; otherwise they are switched off.</param>
    /// <returns>The builder of its HttpClient.</returns>
    public abstract IHttpClientBuilder Register(IServiceCollection services, Uri server, bool retries);

    /// <summary>Adds what stands below the pipeline.</summary>
    public virtual void RegisterInside(IHttpClientBuilder builder, bool retries)
    {
    }

    /// <summary>What a healthy service answers.</summary>
    public abstract Answer AnswerTo(SeenRequest request);

    protected static HttpClient Http(IServiceProvider services) => services.GetRequiredService<IHttpClientFactory>().CreateClient(Name);
}
