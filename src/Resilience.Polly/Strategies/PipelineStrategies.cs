using Polly;
using Resilience.Polly.Strategies;

namespace Resilience.Polly;

/// <summary>
/// The strategies that the application adds to a named pipeline: Polly's, or its own. The first added strategy is the outermost.
/// The page "Strategies" of the documentation says what they see.
/// </summary>
/// <remarks>
/// Each callback runs once for a pipeline: when the host starts, or without a host when the pipeline is first used. The strategies keep their state when settings change, and are
/// disposed with the application's services. A callback must not get the pipeline that it builds strategies for. Pipelines based on this one do not get its strategies.
/// </remarks>
public sealed class PipelineStrategies
{
    internal PipelineStrategies()
    {
    }

    internal List<BuildStrategies> Call { get; } = [];

    internal List<BuildStrategies> Attempt { get; } = [];

    /// <summary>
    /// Adds strategies around the whole call. They are outside the total timeout, the bulkhead, the circuit breaker and the retry, and inside the count of the call and the mapping of its exception.
    /// They may execute the call again, or several times at once. Each execution takes its own slot and counts for the circuit breaker.
    /// </summary>
    /// <param name="configure">Adds strategies to Polly's builder. The services are those of the application.</param>
    /// <returns>The same object.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="configure"/> is <see langword="null"/>.</exception>
    public PipelineStrategies AroundCall(Action<ResiliencePipelineBuilder, IServiceProvider> configure) => Add(Call, configure);

    /// <summary>
    /// Adds strategies around the whole call, for calls with one type of result. Polly's fallback and hedging exist only in this form.
    /// </summary>
    /// <typeparam name="TResult">The result of the calls, exactly as their delegate declares it; <see cref="HttpResponseMessage"/> for HTTP clients.</typeparam>
    /// <param name="configure">Adds strategies to Polly's builder. The services are those of the application.</param>
    /// <returns>The same object.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="configure"/> is <see langword="null"/>.</exception>
    public PipelineStrategies AroundCall<TResult>(Action<ResiliencePipelineBuilder<TResult>, IServiceProvider> configure) => Add(Call, configure);

    /// <summary>
    /// Adds strategies around each attempt, inside the attempt timeout. Their exceptions and results are judged like those of the delegate.
    /// </summary>
    /// <inheritdoc cref="AroundCall(Action{ResiliencePipelineBuilder, IServiceProvider})"/>
    public PipelineStrategies AroundAttempt(Action<ResiliencePipelineBuilder, IServiceProvider> configure) => Add(Attempt, configure);

    /// <summary>
    /// Adds strategies around each attempt, for calls with one type of result. Polly's fallback and hedging exist only in this form.
    /// </summary>
    /// <inheritdoc cref="AroundCall{TResult}(Action{ResiliencePipelineBuilder{TResult}, IServiceProvider})"/>
    public PipelineStrategies AroundAttempt<TResult>(Action<ResiliencePipelineBuilder<TResult>, IServiceProvider> configure) => Add(Attempt, configure);

    private PipelineStrategies Add(List<BuildStrategies> place, Action<ResiliencePipelineBuilder, IServiceProvider> configure)
    {
        ArgumentNullException.ThrowIfNull(configure);
        place.Add((registry, key, services) => new StrategiesForAll(registry.GetOrAddPipeline(key, builder => configure(builder, services))));
        return this;
    }

    private PipelineStrategies Add<TResult>(List<BuildStrategies> place, Action<ResiliencePipelineBuilder<TResult>, IServiceProvider> configure)
    {
        ArgumentNullException.ThrowIfNull(configure);
        place.Add((registry, key, services) => new StrategiesFor<TResult>(registry.GetOrAddPipeline<TResult>(key, builder => configure(builder, services))));
        return this;
    }
}
