using Polly;

namespace Resilience.Polly;

internal sealed class BoundCallback<TResult, TState> : BoundCallback<TResult>
{
    [ThreadStatic]
    private static BoundCallback<TResult, TState>? _spare;

    private Func<ResilienceContext, TState, ValueTask<Outcome<TResult>>> _callback = null!;
    private TState _state = default!;

    public static BoundCallback<TResult, TState> Take(Func<ResilienceContext, TState, ValueTask<Outcome<TResult>>> callback, TState state)
    {
        var bound = _spare ?? new();
        _spare = null;
        (bound._callback, bound._state) = (callback, state);
        return bound;
    }

    public override ValueTask<Outcome<TResult>> InvokeAsync(ResilienceContext context) => _callback(context, _state);

    public override void Release()
    {
        (_callback, _state) = (null!, default!);
        _spare = this;
    }
}
