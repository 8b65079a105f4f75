using Resilience.Polly;
using Resilience.Polly.Degradation;

namespace Polly;

#pragma warning disable RS0026 // as Polly's own overloads: all end with an optional token, and none is told from another by it

/// <summary>Executes calls through a pipeline and degrades gracefully where its dependency cannot be reached (guide: "Circuit Breaker with Graceful Degradation").</summary>
/// <remarks>
/// A fallback runs for <see cref="ApiConnectionException"/> only, and for what would be one if the pipeline mapped exceptions. Everything else
/// passes untouched: business exceptions, <see cref="ApiStatusException"/>, the caller's own cancellation. A call that a fallback made
/// good counts as <see cref="CallCounts.Degraded"/> of its pipeline, beside how it failed. The pipeline may be one of Polly's own making; then nothing is counted.
/// </remarks>
public static class ResiliencePipelineFallbackExtensions
{
    /// <summary>Executes a call, and gives a value in its place where it fails for infrastructure.</summary>
    /// <typeparam name="TResult">The result.</typeparam>
    /// <param name="pipeline">The pipeline.</param>
    /// <param name="callback">The call.</param>
    /// <param name="fallbackValue">What is given instead. For a <see langword="null"/>, name the argument: <c>fallbackValue: null</c>.</param>
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

    /// <summary>Executes a call, and another one in its place where it fails for infrastructure.</summary>
    /// <typeparam name="TResult">The result.</typeparam>
    /// <param name="pipeline">The pipeline.</param>
    /// <param name="callback">The call.</param>
    /// <param name="fallback">What is done instead. It runs outside the pipeline, and what it throws reaches the caller.</param>
    /// <param name="cancellationToken">Ends the call, and is given to the fallback; no fallback runs for a cancelled call.</param>
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

    /// <summary>Executes a call, and another one in its place where it fails for infrastructure, told about the failure.</summary>
    /// <typeparam name="TResult">The result.</typeparam>
    /// <param name="pipeline">The pipeline.</param>
    /// <param name="callback">The call.</param>
    /// <param name="fallback">What is done instead. It runs outside the pipeline, and what it throws reaches the caller.</param>
    /// <param name="cancellationToken">Ends the call, and is given to the fallback; no fallback runs for a cancelled call.</param>
    /// <returns>The result of the call, or that of <paramref name="fallback"/> after an <see cref="ApiConnectionException"/>.</returns>
    /// <exception cref="ArgumentNullException">An argument is <see langword="null"/>.</exception>
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

    /// <summary>The same with a state for both, so that neither needs a closure.</summary>
    /// <typeparam name="TResult">The result.</typeparam>
    /// <typeparam name="TState">The state.</typeparam>
    /// <param name="pipeline">The pipeline.</param>
    /// <param name="callback">The call.</param>
    /// <param name="state">What both are given.</param>
    /// <param name="fallback">What is done instead. It runs outside the pipeline, and what it throws reaches the caller.</param>
    /// <param name="cancellationToken">Ends the call, and is given to the fallback; no fallback runs for a cancelled call.</param>
    /// <returns>The result of the call, or that of <paramref name="fallback"/> after an <see cref="ApiConnectionException"/>.</returns>
    /// <exception cref="ArgumentNullException">An argument is <see langword="null"/>.</exception>
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

    /// <summary>The same with a context, which may bring along what <see cref="CallProperties"/> names.</summary>
    /// <typeparam name="TResult">The result.</typeparam>
    /// <typeparam name="TState">The state.</typeparam>
    /// <param name="pipeline">The pipeline.</param>
    /// <param name="callback">The call.</param>
    /// <param name="context">The context, whose token ends the call; no fallback runs for a cancelled call.</param>
    /// <param name="state">What both are given.</param>
    /// <param name="fallback">What is done instead. It runs outside the pipeline, and what it throws reaches the caller.</param>
    /// <returns>The result of the call, or that of <paramref name="fallback"/> after an <see cref="ApiConnectionException"/>.</returns>
    /// <exception cref="ArgumentNullException">An argument is <see langword="null"/>.</exception>
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
