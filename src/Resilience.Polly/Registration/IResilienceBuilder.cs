namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Goes on from <c>AddResilience</c>.</summary>
public interface IResilienceBuilder
{
    /// <summary>The services of the application.</summary>
    IServiceCollection Services { get; }
}
