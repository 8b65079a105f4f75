using Resilience.Polly;
using Resilience.Polly.Degradation;

namespace Polly;

#pragma warning disable RS0026 // as in Polly's own overloads: all end with an optional token, and no two differ only in it

/// <summary>Executes calls through a pipeline of one result type and degrades gracefully if the dependency cannot be reached (guide: "Circuit Breaker with Graceful Degradation").</summary>
/// <remarks>The remarks on <see cref="ResiliencePipelineFallbackExtensions"/> apply here too.</remarks>
public static class TypedResiliencePipelineFallbackExtensions
{
    /// <inheritdoc cref="ResiliencePipelineFallbackExtensions.ExecuteWithFallbackAsync{TResult}(ResiliencePipeline, Func{CancellationToken, ValueTask{TResult}}, TResult, CancellationToken)"/>
    public static ValueTask<TResult> ExecuteWithFallbackAsync<TResult>(
        this ResiliencePipeline<TResult> pipeline, Func<CancellationToken, ValueTask<TResult>> callback, TResult fallbackValue, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(callback);
        return pipeline.ExecuteWithFallbackAsync(
            static (s, token) => s.callback(token), (callback, fallbackValue), static (_, s, _) => new(s.fallbackValue), cancellationToken);
    }

    /// <inheritdoc cref="ResiliencePipelineFallbackExtensions.ExecuteWithFallbackAsync{TResult}(ResiliencePipeline, Func{CancellationToken, ValueTask{TResult}}, Func{CancellationToken, ValueTask{TResult}}, CancellationToken)"/>
    public static ValueTask<TResult> ExecuteWithFallbackAsync<TResult>(
        this ResiliencePipeline<TResult> pipeline,
        Func<CancellationToken, ValueTask<TResult>> callback,
        Func<CancellationToken, ValueTask<TResult>> fallback,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(callback);
        ArgumentNullException.ThrowIfNull(fallback);
        return pipeline.ExecuteWithFallbackAsync(
            static (s, token) => s.callback(token), (callback, fallback), static (_, s, token) => s.fallback(token), cancellationToken);
    }

    /// <inheritdoc cref="ResiliencePipelineFallbackExtensions.ExecuteWithFallbackAsync{TResult}(ResiliencePipeline, Func{CancellationToken, ValueTask{TResult}}, Func{ApiConnectionException, CancellationToken, ValueTask{TResult}}, CancellationToken)"/>
    public static ValueTask<TResult> ExecuteWithFallbackAsync<TResult>(
        this ResiliencePipeline<TResult> pipeline,
        Func<CancellationToken, ValueTask<TResult>> callback,
        Func<ApiConnectionException, CancellationToken, ValueTask<TResult>> fallback,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(callback);
        ArgumentNullException.ThrowIfNull(fallback);
        return pipeline.ExecuteWithFallbackAsync(
            static (s, token) => s.callback(token), (callback, fallback), static (e, s, token) => s.fallback(e, token), cancellationToken);
    }

    /// <inheritdoc cref="ResiliencePipelineFallbackExtensions.ExecuteWithFallbackAsync{TResult, TState}(ResiliencePipeline, Func{TState, CancellationToken, ValueTask{TResult}}, TState, Func{ApiConnectionException, TState, CancellationToken, ValueTask{TResult}}, CancellationToken)"/>
    public static ValueTask<TResult> ExecuteWithFallbackAsync<TResult, TState>(
        this ResiliencePipeline<TResult> pipeline,
        Func<TState, CancellationToken, ValueTask<TResult>> callback,
        TState state,
        Func<ApiConnectionException, TState, CancellationToken, ValueTask<TResult>> fallback,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(pipeline);
        ArgumentNullException.ThrowIfNull(callback);
        ArgumentNullException.ThrowIfNull(fallback);
        var call = new FallbackCall<TResult, (Func<TState, CancellationToken, ValueTask<TResult>> Callback,
            Func<ApiConnectionException, TState, CancellationToken, ValueTask<TResult>> Fallback, TState State)>(
            static (context, s) => s.Callback(s.State, context.CancellationToken),
            static (e, context, s) => s.Fallback(e, s.State, context.CancellationToken),
            (callback, fallback, state));
        return call.RunAsync(pipeline, ResilienceContextPool.Shared.Get(cancellationToken), isRented: true);
    }

    /// <inheritdoc cref="ResiliencePipelineFallbackExtensions.ExecuteWithFallbackAsync{TResult, TState}(ResiliencePipeline, Func{ResilienceContext, TState, ValueTask{TResult}}, ResilienceContext, TState, Func{ApiConnectionException, ResilienceContext, TState, ValueTask{TResult}})"/>
    public static ValueTask<TResult> ExecuteWithFallbackAsync<TResult, TState>(
        this ResiliencePipeline<TResult> pipeline,
        Func<ResilienceContext, TState, ValueTask<TResult>> callback,
        ResilienceContext context,
        TState state,
        Func<ApiConnectionException, ResilienceContext, TState, ValueTask<TResult>> fallback)
    {
        ArgumentNullException.ThrowIfNull(pipeline);
        ArgumentNullException.ThrowIfNull(callback);
        ArgumentNullException.ThrowIfNull(context);
        ArgumentNullException.ThrowIfNull(fallback);
        return new FallbackCall<TResult, TState>(callback, fallback, state).RunAsync(pipeline, context);
    }
}
