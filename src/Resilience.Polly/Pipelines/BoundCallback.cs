using Polly;

namespace Resilience.Polly;

/// <summary>A callback and its state in one object, whose type does not name the type of the state.</summary>
/// <remarks>
/// What the flow hands to Polly as state may come back to a flow as its own TState. If that were a type around the TState which the flow was given, each pass would
/// make a larger type. Native AOT compiles all types beforehand, and would never end.
/// </remarks>
/// <typeparam name="TResult">The result.</typeparam>
internal abstract class BoundCallback<TResult>
{
    /// <summary>Invokes one that is handed on as state.</summary>
    public static readonly Func<ResilienceContext, BoundCallback<TResult>, ValueTask<Outcome<TResult>>> Invoke =
        static (context, bound) => bound.InvokeAsync(context);

    /// <summary>Takes a spare one, so that binding allocates nothing.</summary>
    public static BoundCallback<TResult> Bind<TState>(Func<ResilienceContext, TState, ValueTask<Outcome<TResult>>> callback, TState state) =>
        BoundCallback<TResult, TState>.Take(callback, state);

    public abstract ValueTask<Outcome<TResult>> InvokeAsync(ResilienceContext context);

    /// <summary>Keeps it for the next call. Nobody invokes it any more.</summary>
    public abstract void Release();
}
