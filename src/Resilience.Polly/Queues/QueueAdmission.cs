namespace Resilience.Polly.Queues;

/// <summary>Whether an item was let in.</summary>
internal enum QueueAdmission
{
    Accepted,

    /// <summary>Not yet: it waits for room.</summary>
    Pending,

    /// <summary>There was no room in time.</summary>
    Full,

    /// <summary>The enqueuer gave up.</summary>
    Cancelled,

    /// <summary>The queue shuts down.</summary>
    Closed,
}
