using System.Diagnostics.CodeAnalysis;
using Resilience.Polly;
using Resilience.Polly.Bulkheads;
using Resilience.Polly.CircuitBreakers;
using Resilience.Polly.Outcomes;
using Resilience.Polly.Retries;

namespace Polly;

/// <summary>The strategies of a named pipeline, for a pipeline that you build yourself.</summary>
public static class ResiliencePipelineBuilderStrategyExtensions
{
    private const string Justification = "The options check themselves; no attribute of theirs is read.";

    /// <summary>Adds a circuit breaker that opens after a number of failures in a row (guide: "Pattern 3: Circuit Breaker Pattern"). An open circuit throws <see cref="CircuitBreaker.BrokenCircuitException"/>.</summary>
    /// <param name="builder">The builder.</param>
    /// <param name="options">The options. They are read once.</param>
    /// <returns>The same builder.</returns>
    /// <exception cref="ArgumentNullException">An argument is <see langword="null"/>.</exception>
    /// <exception cref="System.ComponentModel.DataAnnotations.ValidationException">Options are out of range; the message lists all of them.</exception>
    public static ResiliencePipelineBuilder AddConsecutiveCircuitBreaker(this ResiliencePipelineBuilder builder, ConsecutiveCircuitBreakerStrategyOptions options) =>
        AddCircuit(builder, options);

    /// <inheritdoc cref="AddConsecutiveCircuitBreaker(ResiliencePipelineBuilder, ConsecutiveCircuitBreakerStrategyOptions)"/>
    /// <typeparam name="TResult">The result of the pipeline.</typeparam>
    public static ResiliencePipelineBuilder<TResult> AddConsecutiveCircuitBreaker<TResult>(
        this ResiliencePipelineBuilder<TResult> builder, ConsecutiveCircuitBreakerStrategyOptions<TResult> options) => AddCircuit(builder, options);

    /// <summary>
    /// Adds slots and a line of waiters, first come, first served (guide: "Pattern 4: Bulkhead Pattern"). An execution that gets no slot in time throws <see cref="RateLimiting.RateLimiterRejectedException"/>.
    /// </summary>
    /// <typeparam name="TBuilder">The builder.</typeparam>
    /// <param name="builder">The builder.</param>
    /// <param name="options">The options. They are read once.</param>
    /// <returns>The same builder.</returns>
    /// <exception cref="ArgumentNullException">An argument is <see langword="null"/>.</exception>
    /// <exception cref="System.ComponentModel.DataAnnotations.ValidationException">Options are out of range; the message lists all of them.</exception>
    [UnconditionalSuppressMessage("Trimming", "IL2026", Justification = Justification)]
    public static TBuilder AddBulkhead<TBuilder>(this TBuilder builder, BulkheadStrategyOptions options)
        where TBuilder : ResiliencePipelineBuilderBase
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentNullException.ThrowIfNull(options);
        var (name, settings) = (NameOf(builder), BulkheadOptions.Settings.Copy(options.Bulkhead));
        return builder.AddStrategy(context => new BulkheadStrategy(name, settings, context.TimeProvider, context.Telemetry), options);
    }

    /// <summary>Adds a retry with a budget over all executions (guide: "Pattern 2: Retry Pattern"). When the budget is spent, the last outcome is returned.</summary>
    /// <param name="builder">The builder.</param>
    /// <param name="options">The options. They are read once.</param>
    /// <returns>The same builder.</returns>
    /// <exception cref="ArgumentNullException">An argument is <see langword="null"/>.</exception>
    /// <exception cref="System.ComponentModel.DataAnnotations.ValidationException">Options are out of range; the message lists all of them.</exception>
    public static ResiliencePipelineBuilder AddBudgetedRetry(this ResiliencePipelineBuilder builder, BudgetedRetryStrategyOptions options) => AddRetry(builder, options);

    /// <inheritdoc cref="AddBudgetedRetry(ResiliencePipelineBuilder, BudgetedRetryStrategyOptions)"/>
    /// <typeparam name="TResult">The result of the pipeline.</typeparam>
    public static ResiliencePipelineBuilder<TResult> AddBudgetedRetry<TResult>(
        this ResiliencePipelineBuilder<TResult> builder, BudgetedRetryStrategyOptions<TResult> options) => AddRetry(builder, options);

    [UnconditionalSuppressMessage("Trimming", "IL2026", Justification = Justification)]
    private static TBuilder AddCircuit<TBuilder, TResult>(TBuilder builder, ConsecutiveCircuitBreakerStrategyOptions<TResult> options)
        where TBuilder : ResiliencePipelineBuilderBase
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentNullException.ThrowIfNull(options);
        var (name, settings, predicate) = (NameOf(builder), CircuitBreakerOptions.Settings.Copy(options.Circuit), options.ShouldHandle);
        var handled = new HandledOutcomes<TResult>(predicate is null ? null : (context, outcome) => predicate(new(context, outcome)));
        return builder.AddStrategy(context => new ConsecutiveCircuitBreakerStrategy(name, settings, handled, context.TimeProvider, context.Telemetry), options);
    }

    [UnconditionalSuppressMessage("Trimming", "IL2026", Justification = Justification)]
    private static TBuilder AddRetry<TBuilder, TResult>(TBuilder builder, BudgetedRetryStrategyOptions<TResult> options)
        where TBuilder : ResiliencePipelineBuilderBase
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentNullException.ThrowIfNull(options);
        var (settings, attempts, predicate) = (RetryOptions.Settings.Copy(options.Retry), options.MaxRetryAttempts + 1, options.ShouldHandle);
        var handled = new HandledOutcomes<TResult>(predicate is null ? null : (context, outcome) => predicate(new(context, outcome, 0)));
        return builder.AddStrategy(context => new BudgetedRetryStrategy(settings, attempts, handled, context.TimeProvider, context.Telemetry), options);
    }

    private static string NameOf(ResiliencePipelineBuilderBase builder) => builder.Name ?? "(unnamed)";
}
