namespace Resilience.Polly;

/// <summary>
/// A queue at one moment. All numbers are of the same moment, and they add up:
/// <c>Accepted = Waiting + Running + Completed + Failed + Cancelled + HandedBack</c>, and after the shutdown
/// <c>Accepted = Completed + Failed + Cancelled + HandedBack</c> (guide: "Handling Bulkhead Saturation").
/// </summary>
public sealed class QueueSnapshot
{
    /// <summary>The name of the queue.</summary>
    public required string Name { get; init; }

    /// <summary>Accepted items that wait for a worker, including those that went back.</summary>
    public int Waiting { get; init; }

    /// <summary>Running items.</summary>
    public int Running { get; init; }

    /// <summary>Workers that rest after their item met saturation.</summary>
    public int PausedWorkers { get; init; }

    /// <summary>Callers that wait for room. Their items are not accepted yet.</summary>
    public int WaitingForRoom { get; init; }

    /// <summary>Items accepted since the application started.</summary>
    public long Accepted { get; init; }

    /// <summary>Items that were done.</summary>
    public long Completed { get; init; }

    /// <summary>Items whose work threw an exception.</summary>
    public long Failed { get; init; }

    /// <summary>Items whose caller cancelled them while they waited or ran.</summary>
    public long Cancelled { get; init; }

    /// <summary>Items that were not done when the queue shut down, and ended with <see cref="QueueShutdownException"/>.</summary>
    public long HandedBack { get; init; }

    /// <summary>Items that were rejected, since the queue was full or shut down. They are not among the accepted.</summary>
    public long Rejected { get; init; }

    /// <summary>How often an item met saturation and went back. One item may do so many times.</summary>
    public long Requeued { get; init; }

    /// <summary>The settings in force. This is a copy; changing it has no effect.</summary>
    public required QueueOptions Options { get; init; }

    /// <summary>All numbers in one line.</summary>
    public override string ToString() =>
        $"Queue '{Name}': {Waiting} waiting, {Running} running, {PausedWorkers} workers paused, {WaitingForRoom} waiting for room, {Accepted} accepted, " +
        $"{Completed} completed, {Failed} failed, {Cancelled} cancelled, {HandedBack} handed back, {Rejected} rejected, {Requeued} requeued";
}
