using Polly;
using Resilience.Polly.Strategies;

namespace Resilience.Polly;

/// <summary>
/// The strategies that the application adds to a named pipeline: Polly's, or its own. Those that are added first stand outermost.
/// The page "Strategies" of the documentation tells what they see.
/// </summary>
/// <remarks>
/// Each callback runs once for a pipeline: when the host starts, or without a host when the pipeline is first used. The strategies keep their state when settings change, and are
/// disposed with the application's services. A callback must not ask for the pipeline that it builds strategies for. Pipelines that are based on this one do not get its strategies.
/// </remarks>
public sealed class PipelineStrategies
{
    internal PipelineStrategies()
    {
    }

    internal List<AddedStrategy> Call { get; } = [];

    internal List<AddedStrategy> Attempt { get; } = [];

    /// <summary>
    /// Adds strategies around the whole call: outside the total timeout, the bulkhead, the circuit breaker and the retry; inside the count of the call and the mapping of its exception.
    /// They may execute the call again, or several times at once; each execution takes a slot and asks the circuit breaker by itself.
    /// </summary>
    /// <param name="configure">Adds strategies to Polly's builder. The services are those of the application.</param>
    /// <returns>The same object.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="configure"/> is <see langword="null"/>.</exception>
    public PipelineStrategies AroundCall(Action<ResiliencePipelineBuilder, IServiceProvider> configure) => Add(Call, new AddedForAll(configure));

    /// <summary>
    /// The same for calls with a result of one type only. Polly's fallback and hedging exist in this form only.
    /// </summary>
    /// <typeparam name="TResult">The result of the calls, exactly as their delegate declares it; <see cref="HttpResponseMessage"/> for HTTP clients.</typeparam>
    /// <param name="configure">Adds strategies to Polly's builder. The services are those of the application.</param>
    /// <returns>The same object.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="configure"/> is <see langword="null"/>.</exception>
    public PipelineStrategies AroundCall<TResult>(Action<ResiliencePipelineBuilder<TResult>, IServiceProvider> configure) => Add(Call, new AddedForResult<TResult>(configure));

    /// <summary>
    /// Adds strategies around each attempt, inside the attempt timeout. What they throw or return is judged as if the delegate had done it.
    /// </summary>
    /// <param name="configure">Adds strategies to Polly's builder. The services are those of the application.</param>
    /// <returns>The same object.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="configure"/> is <see langword="null"/>.</exception>
    public PipelineStrategies AroundAttempt(Action<ResiliencePipelineBuilder, IServiceProvider> configure) => Add(Attempt, new AddedForAll(configure));

    /// <summary>
    /// The same for calls with a result of one type only. Polly's fallback and hedging exist in this form only.
    /// </summary>
    /// <typeparam name="TResult">The result of the calls, exactly as their delegate declares it; <see cref="HttpResponseMessage"/> for HTTP clients.</typeparam>
    /// <param name="configure">Adds strategies to Polly's builder. The services are those of the application.</param>
    /// <returns>The same object.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="configure"/> is <see langword="null"/>.</exception>
    public PipelineStrategies AroundAttempt<TResult>(Action<ResiliencePipelineBuilder<TResult>, IServiceProvider> configure) => Add(Attempt, new AddedForResult<TResult>(configure));

    private PipelineStrategies Add(List<AddedStrategy> place, AddedStrategy strategy)
    {
        place.Add(strategy);
        return this;
    }
}
