namespace Resilience.Polly.Primitives;

/// <summary>Waits of synchronous calls. They block the caller's thread, so that the delegate never runs on another one and the caller keeps its locks.</summary>
/// <remarks>On the system's clock they need no thread of the pool: with none free, a timer fires late.</remarks>
internal static class BlockingWait
{
    /// <summary>Ends after <paramref name="time"/>, or at once when the token is cancelled; throws in neither case.</summary>
    public static void For(TimeSpan time, TimeProvider clock, CancellationToken cancellationToken) =>
        Until(new TaskCompletionSource().Task, time, clock, cancellationToken);

    /// <summary>Ends with the task, after <paramref name="time"/>, or at once when the token is cancelled; throws in none of the cases.</summary>
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
                // The caller asks the token.
            }
        }
        else
        {
            task.WaitAsync(time, clock, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing).GetAwaiter().GetResult();
        }
    }

    /// <summary>The result of something that should be there already, such as that of a synchronous delegate.</summary>
    public static T ResultOf<T>(ValueTask<T> task) => task.IsCompleted ? task.GetAwaiter().GetResult() : task.AsTask().GetAwaiter().GetResult();
}
