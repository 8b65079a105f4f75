namespace Resilience.Polly;

/// <summary>Knows which instances of an application run. It uses its own clock.</summary>
public interface ISharedInstanceStore
{
    /// <summary>Says that an instance runs, and reads which others do.</summary>
    /// <param name="instance">The name of the instance.</param>
    /// <param name="lifetime">How long the instance counts as running if it does not say so again.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>The names of all running instances, this one included, in order.</returns>
    /// <exception cref="SharedStateUnavailableException">The store did not answer.</exception>
    ValueTask<IReadOnlyList<string>> BeatAsync(string instance, TimeSpan lifetime, CancellationToken cancellationToken = default);

    /// <summary>Says that an instance stops.</summary>
    /// <param name="instance">The name of the instance.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>A task that ends when the store knows.</returns>
    /// <exception cref="SharedStateUnavailableException">The store did not answer.</exception>
    ValueTask LeaveAsync(string instance, CancellationToken cancellationToken = default);
}
