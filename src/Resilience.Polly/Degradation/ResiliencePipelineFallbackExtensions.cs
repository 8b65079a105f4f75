using Resilience.Polly;
using Resilience.Polly.Degradation;

namespace Polly;

#pragma warning disable CS1573 // the texts of the other parameters are inherited
#pragma warning disable RS0026 // as in Polly's own overloads: all end with an optional token, and no two differ only in it

/// <summary>Executes calls through a pipeline and degrades gracefully if the dependency cannot be reached (guide: "Circuit Breaker with Graceful Degradation").</summary>
/// <remarks>
/// A fallback runs only for <see cref="ApiConnectionException"/>, and for failures that would be one if the pipeline mapped exceptions. Everything else
/// passes unchanged: business exceptions, <see cref="ApiStatusException"/>, the caller's own cancellation. A call that a fallback
/// replaced counts as <see cref="CallCounts.Degraded"/> of its pipeline, in addition to its failure. Pipelines that Polly made can be used too; then nothing is counted.
/// </remarks>
public static class ResiliencePipelineFallbackExtensions
{
    /// <summary>Executes a call. If it fails for infrastructure, a value replaces its result.</summary>
    /// <typeparam name="TResult">The result.</typeparam>
    /// <param name="pipeline">The pipeline.</param>
    /// <param name="callback">The call.</param>
    /// <param name="fallbackValue">The value. For a <see langword="null"/>, name the argument: <c>fallbackValue: null</c>.</param>
    /// <param name="cancellationToken">Ends the call; no fallback runs for a cancelled call.</param>
    /// <returns>The result of the call, or <paramref name="fallbackValue"/> after an <see cref="ApiConnectionException"/>.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="pipeline"/> or <paramref name="callback"/> is <see langword="null"/>.</exception>
    public static ValueTask<TResult> ExecuteWithFallbackAsync<TResult>(
        this ResiliencePipeline pipeline, Func<CancellationToken, ValueTask<TResult>> callback, TResult fallbackValue, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(callback);
        return pipeline.ExecuteWithFallbackAsync(
            static (s, token) => s.callback(token), (callback, fallbackValue), static (_, s, _) => new(s.fallbackValue), cancellationToken);
    }

    /// <summary>Executes a call. If it fails for infrastructure, another call replaces it.</summary>
    /// <typeparam name="TResult">The result.</typeparam>
    /// <param name="pipeline">The pipeline.</param>
    /// <param name="callback">The call.</param>
    /// <param name="fallback">The other call. It runs outside the pipeline, and its exceptions reach the caller.</param>
    /// <param name="cancellationToken">Ends the call, and is passed to the fallback; no fallback runs for a cancelled call.</param>
    /// <returns>The result of the call, or that of <paramref name="fallback"/> after an <see cref="ApiConnectionException"/>.</returns>
    /// <exception cref="ArgumentNullException">An argument is <see langword="null"/>.</exception>
    public static ValueTask<TResult> ExecuteWithFallbackAsync<TResult>(
        this ResiliencePipeline pipeline,
        Func<CancellationToken, ValueTask<TResult>> callback,
        Func<CancellationToken, ValueTask<TResult>> fallback,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(callback);
        ArgumentNullException.ThrowIfNull(fallback);
        return pipeline.ExecuteWithFallbackAsync(
            static (s, token) => s.callback(token), (callback, fallback), static (_, s, token) => s.fallback(token), cancellationToken);
    }

    /// <summary>Executes a call. If it fails for infrastructure, another call replaces it and receives the failure.</summary>
    /// <inheritdoc cref="ExecuteWithFallbackAsync{TResult}(ResiliencePipeline, Func{CancellationToken, ValueTask{TResult}}, Func{CancellationToken, ValueTask{TResult}}, CancellationToken)"/>
    public static ValueTask<TResult> ExecuteWithFallbackAsync<TResult>(
        this ResiliencePipeline pipeline,
        Func<CancellationToken, ValueTask<TResult>> callback,
        Func<ApiConnectionException, CancellationToken, ValueTask<TResult>> fallback,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(callback);
        ArgumentNullException.ThrowIfNull(fallback);
        return pipeline.ExecuteWithFallbackAsync(
            static (s, token) => s.callback(token), (callback, fallback), static (e, s, token) => s.fallback(e, token), cancellationToken);
    }

    /// <summary>The same with a state for both, which avoids closures.</summary>
    /// <inheritdoc cref="ExecuteWithFallbackAsync{TResult}(ResiliencePipeline, Func{CancellationToken, ValueTask{TResult}}, Func{CancellationToken, ValueTask{TResult}}, CancellationToken)"/>
    /// <typeparam name="TResult">The result.</typeparam>
    /// <typeparam name="TState">The state.</typeparam>
    /// <param name="state">The state that both receive.</param>
    public static ValueTask<TResult> ExecuteWithFallbackAsync<TResult, TState>(
        this ResiliencePipeline pipeline,
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

    /// <summary>The same with a context, which may have the properties of <see cref="CallProperties"/>.</summary>
    /// <inheritdoc cref="ExecuteWithFallbackAsync{TResult}(ResiliencePipeline, Func{CancellationToken, ValueTask{TResult}}, Func{CancellationToken, ValueTask{TResult}}, CancellationToken)"/>
    /// <typeparam name="TResult">The result.</typeparam>
    /// <typeparam name="TState">The state.</typeparam>
    /// <param name="context">The context, whose token ends the call; no fallback runs for a cancelled call.</param>
    /// <param name="state">The state that both receive.</param>
    public static ValueTask<TResult> ExecuteWithFallbackAsync<TResult, TState>(
        this ResiliencePipeline pipeline,
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
