using Polly;

namespace Resilience.Polly.Primitives;

/// <summary>What a pipeline of Polly's inside the flow executes. As its state, which must not name the state of the caller's callback (decision 29).</summary>
/// <typeparam name="TResult">The result.</typeparam>
internal interface ICallback<TResult>
{
    /// <summary>Invokes it. The strategies around it may bring a context of their own.</summary>
    ValueTask<Outcome<TResult>> InvokeAsync(ResilienceContext context);
}
