namespace Resilience.Polly.Primitives;

/// <summary>Waits of synchronous calls. They block the caller's thread, so the delegate never runs on another one and the caller keeps its locks.</summary>
/// <remarks>On the system's clock they need no thread of the pool: if none is free, a timer fires late.</remarks>
internal static class BlockingWait
{
    /// <summary>Ends after <paramref name="time"/>, or at once when the token is cancelled. It never throws.</summary>
    public static void For(TimeSpan time, TimeProvider clock, CancellationToken cancellationToken) =>
        Until(new TaskCompletionSource().Task, time, clock, cancellationToken);

    /// <summary>Ends with the task, after <paramref name="time"/>, or at once when the token is cancelled. It never throws.</summary>
    public static void Until(Task task, TimeSpan time, TimeProvider clock, CancellationToken cancellationToken)
    {
        if (ReferenceEquals(clock, TimeProvider.System))
        {
            try
            {
                task.Wait(time, cancellationToken);
            }
            catch (OperationCanceledException)
            {
                // The caller checks the token.
            }
        }
        else
        {
            task.WaitAsync(time, clock, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing).GetAwaiter().GetResult();
        }
    }

    /// <summary>The result of a task that should already be complete, such as that of a synchronous delegate.</summary>
    public static T ResultOf<T>(ValueTask<T> task) => task.IsCompleted ? task.GetAwaiter().GetResult() : task.AsTask().GetAwaiter().GetResult();

    /// <summary>The task, which a synchronous call waits for here. The task must not fail.</summary>
    public static Task Join(Task task, bool isSynchronous)
    {
        if (isSynchronous)
        {
            task.GetAwaiter().GetResult();
        }

        return task;
    }
}
