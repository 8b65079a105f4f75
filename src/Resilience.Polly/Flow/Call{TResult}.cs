using Polly;
using Resilience.Polly.Primitives;

namespace Resilience.Polly.Flow;

/// <summary>A call whose type contains the type of its result, but not that of the state of its callback.</summary>
/// <remarks>
/// The flow passes calls to Polly as a state, which may come back to a flow as its own TState. If its type contained the flow's TState, each
/// pass would create a larger type. Native AOT compiles all types beforehand, and would never end (decision 29).
/// </remarks>
/// <typeparam name="TResult">The result.</typeparam>
internal abstract class Call<TResult> : Call, ICallback<TResult>
{
    /// <summary>Invokes the callback of the caller.</summary>
    public abstract ValueTask<Outcome<TResult>> InvokeAsync(ResilienceContext context);
}

/// <summary>A call with its callback. Each thread keeps one that has ended for its next call, so a call allocates nothing.</summary>
internal sealed class Call<TResult, TState> : Call<TResult>
{
    [ThreadStatic]
    private static Call<TResult, TState>? _spare;

    private Func<ResilienceContext, TState, ValueTask<Outcome<TResult>>> _callback = null!;
    private TState _state = default!;

    public static Call<TResult, TState> Begin(
        LivePipeline pipeline, Func<ResilienceContext, TState, ValueTask<Outcome<TResult>>> callback, ResilienceContext context, TState state, in CallSettings own,
        WholeCall? whole = null)
    {
        ref var spare = ref _spare; // looked up once
        var call = spare ?? new();
        spare = null;
        (call._callback, call._state) = (callback, state);
        call.Begin(pipeline, context, own, whole);
        return call;
    }

    public override ValueTask<Outcome<TResult>> InvokeAsync(ResilienceContext context) => _callback(context, _state);

    public override void End()
    {
        base.End();
        if (Settings.ReusesCalls)
        {
            (_callback, _state) = (null!, default!);
            _spare = this;
        }
    }
}
