namespace Resilience.Polly.Http;

/// <summary>Makes the clients that were added with <c>AddResilientClient</c>, for code that learns the name at run time.</summary>
public interface IResilientClientFactory
{
    /// <summary>Makes a client.</summary>
    /// <param name="name">The name that it was added with.</param>
    /// <returns>A client, which need not be disposed and shares connections with others of its name.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="name"/> is <see langword="null"/>.</exception>
    /// <exception cref="KeyNotFoundException">No client, or no pipeline, has this name.</exception>
    ResilientClient CreateClient(string name);
}
