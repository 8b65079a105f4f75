using Polly;

namespace Resilience.Polly;

/// <summary>What stands between the timeout of an attempt and the delegate: the application's strategies, then chaos.</summary>
internal sealed class AttemptInside(StrategyChain? strategies, ChaosInjection? chaos)
{
    /// <summary>None where both are missing, so that most attempts pay nothing for them.</summary>
    public static AttemptInside? Of(StrategyChain? strategies, ChaosInjection? chaos) => strategies is null && chaos is null ? null : new(strategies, chaos);

    public ValueTask<Outcome<TResult>> AttemptAsync<TResult>(Call<TResult> call, ResilienceContext context) =>
        strategies is null ? chaos!.AttemptAsync(call, context)
        : strategies.ExecuteAsync<TResult>(chaos is null ? call : new WithChaos<TResult>(chaos, call), context, call.IsSynchronous);

    private sealed class WithChaos<TResult>(ChaosInjection chaos, Call<TResult> call) : ICallback<TResult>
    {
        public ValueTask<Outcome<TResult>> InvokeAsync(ResilienceContext context) => chaos.AttemptAsync(call, context);
    }
}
