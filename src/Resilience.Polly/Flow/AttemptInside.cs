using Polly;
using Resilience.Polly.Chaos;
using Resilience.Polly.Primitives;
using Resilience.Polly.Strategies;

namespace Resilience.Polly.Flow;

/// <summary>The part between the timeout of an attempt and the delegate: the application's strategies, then chaos.</summary>
internal sealed class AttemptInside(StrategyChain? strategies, ChaosInjection? chaos)
{
    /// <summary>None if both are missing, so most attempts pay nothing for them.</summary>
    public static AttemptInside? Of(StrategyChain? strategies, ChaosInjection? chaos) => strategies is null && chaos is null ? null : new(strategies, chaos);

    public ValueTask<Outcome<TResult>> AttemptAsync<TResult>(ICallback<TResult> attempt, ResilienceContext context, bool isSynchronous) =>
        strategies is null ? chaos!.AttemptAsync(attempt, context, isSynchronous)
        : strategies.ExecuteAsync(chaos is null ? attempt : new WithChaos<TResult>(chaos, attempt, isSynchronous), context, isSynchronous);

    private sealed class WithChaos<TResult>(ChaosInjection chaos, ICallback<TResult> attempt, bool isSynchronous) : ICallback<TResult>
    {
        public ValueTask<Outcome<TResult>> InvokeAsync(ResilienceContext context) => chaos.AttemptAsync(attempt, context, isSynchronous);
    }
}
