using System.Diagnostics.CodeAnalysis;

namespace Resilience.Polly;

/// <summary>
/// Gets the request queues of the application by name, as Polly's <c>ResiliencePipelineProvider</c> gets pipelines. For a fixed name,
/// inject <c>[FromKeyedServices("name")] RequestQueue</c> instead.
/// </summary>
public abstract class RequestQueueProvider
{
    /// <summary>Gets the queue of this name, always the same one. Names ignore case.</summary>
    /// <param name="name">The name of the queue.</param>
    /// <exception cref="ArgumentNullException"><paramref name="name"/> is <see langword="null"/>.</exception>
    /// <exception cref="KeyNotFoundException">There is no such queue.</exception>
    public abstract RequestQueue GetQueue(string name);

    /// <summary>Gets the queue of this name, if there is one. Names ignore case.</summary>
    /// <param name="name">The name of the queue.</param>
    /// <param name="queue">The queue, or <see langword="null"/> if there is none of this name.</param>
    /// <returns>Whether there is such a queue.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="name"/> is <see langword="null"/>.</exception>
    public abstract bool TryGetQueue(string name, [NotNullWhen(true)] out RequestQueue? queue);

    /// <summary>Reads all queues now, ordered by name.</summary>
    public abstract IReadOnlyList<QueueSnapshot> GetSnapshots();
}
