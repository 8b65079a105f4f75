namespace Resilience.Polly;

/// <summary>The queues of the application by name. Where the name is known beforehand, inject <c>[FromKeyedServices("name")] RequestQueue</c> instead.</summary>
public interface IRequestQueues
{
    /// <summary>The queue of this name, always the same one. Names are compared without regard to case.</summary>
    /// <param name="name">The name of the queue.</param>
    /// <exception cref="ArgumentNullException"><paramref name="name"/> is <see langword="null"/>.</exception>
    /// <exception cref="KeyNotFoundException">There is no such queue.</exception>
    RequestQueue GetQueue(string name);

    /// <summary>All queues at this moment, in the order of their names.</summary>
    IReadOnlyList<QueueSnapshot> GetSnapshots();
}
