namespace Resilience.Polly.Http;

/// <summary>Creates the clients that were added with <c>AddResilientClient</c>, for names that are known only at run time.</summary>
public interface IResilientClientFactory
{
    /// <summary>Creates a client.</summary>
    /// <param name="name">The name that it was added with.</param>
    /// <returns>A client. It need not be disposed, and shares connections with others of its name.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="name"/> is <see langword="null"/>.</exception>
    /// <exception cref="KeyNotFoundException">No client, or no pipeline, has this name.</exception>
    ResilientClient CreateClient(string name);
}
