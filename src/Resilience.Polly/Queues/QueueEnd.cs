namespace Resilience.Polly.Queues;

/// <summary>How an accepted item ended. Each does so in exactly one way.</summary>
internal enum QueueEnd
{
    Completed,
    Failed,

    /// <summary>Its enqueuer cancelled it.</summary>
    Cancelled,

    /// <summary>The queue shut down first.</summary>
    HandedBack,
}
