namespace Resilience.Polly;

/// <summary>Proof that a <see cref="RequestQueue"/> accepted a request, as <c>EnqueueAsync</c> returns it.</summary>
public sealed class QueueTicket
{
    internal QueueTicket(Task completion) => Completion = completion;

    /// <summary>
    /// Ends when the work ends, with its exception if it threw one. It fails with <see cref="QueueShutdownException"/> if the queue shut down first, and is cancelled
    /// if the caller cancelled. You need not await it: the queue counts a failure in <see cref="QueueSnapshot.Failed"/>.
    /// </summary>
    public Task Completion { get; }
}

/// <inheritdoc cref="QueueTicket"/>
/// <typeparam name="TResult">The result of the work.</typeparam>
public sealed class QueueTicket<TResult>
{
    internal QueueTicket(Task<TResult> completion) => Completion = completion;

    /// <summary>
    /// Ends when the work ends, with its result or exception. It fails with <see cref="QueueShutdownException"/> if the queue shut down first, and is
    /// cancelled if the caller cancelled. You need not await it: the queue counts a failure in <see cref="QueueSnapshot.Failed"/>.
    /// </summary>
    public Task<TResult> Completion { get; }
}
