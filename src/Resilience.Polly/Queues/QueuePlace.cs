namespace Resilience.Polly.Queues;

/// <summary>Where an item is. Changed under the lock of the line only.</summary>
internal enum QueuePlace
{
    New,

    /// <summary>Waits for room; not accepted yet.</summary>
    Outside,

    /// <summary>Accepted, waits for a worker.</summary>
    Waiting,

    /// <summary>In work.</summary>
    Running,

    /// <summary>Between two places, ended, or never accepted.</summary>
    Gone,
}
