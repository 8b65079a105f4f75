using System.ComponentModel.DataAnnotations;
using Polly;
using Polly.CircuitBreaker;
using Resilience.Polly.Settings;

namespace Resilience.Polly;

/// <summary>The options of the circuit breaker that counts failures in a row, for pipelines of any result.</summary>
public sealed class ConsecutiveCircuitBreakerStrategyOptions : ConsecutiveCircuitBreakerStrategyOptions<object>;

/// <summary>The options of the circuit breaker that counts failures in a row (guide: "Pattern 3: Circuit Breaker Pattern").</summary>
/// <typeparam name="TResult">The result of the pipeline.</typeparam>
public class ConsecutiveCircuitBreakerStrategyOptions<TResult> : ResilienceStrategyOptions, IValidatableObject
{
    /// <summary>Creates options with the defaults.</summary>
    public ConsecutiveCircuitBreakerStrategyOptions() => Name = "ConsecutiveCircuitBreaker";

    /// <summary>Failures in a row that open the circuit.</summary>
    /// <value>A number of 1 to 1000000; the default is 5.</value>
    public int FailureThreshold
    {
        get => Circuit.FailureThreshold ?? 0;
        set => Circuit.FailureThreshold = value;
    }

    /// <summary>How long the circuit stays open before one execution may probe the dependency. A probe that has not ended after the same time no longer counts.</summary>
    /// <value>A duration of 00:00:00.0100000 to 1.00:00:00; the default is 30 seconds.</value>
    public TimeSpan BreakDuration
    {
        get => Circuit.RecoveryTimeout;
        set => Circuit.RecoveryTimeout = value;
    }

    /// <summary>Which outcomes are failures.</summary>
    /// <value>
    /// A predicate, such as Polly's <see cref="PredicateBuilder{TResult}"/>; the default is <see langword="null"/>, which goes by the rules of the library: infrastructure failures and any HTTP 5xx.
    /// A cancellation by the caller counts neither way, whatever the predicate says.
    /// </value>
    public Func<CircuitBreakerPredicateArguments<TResult>, ValueTask<bool>>? ShouldHandle { get; set; }

    internal CircuitBreakerOptions Circuit { get; } = new();

    IEnumerable<ValidationResult> IValidatableObject.Validate(ValidationContext validationContext) =>
        StrategyFaults.Of(CircuitBreakerOptions.Settings, Circuit, ("RecoveryTimeout", nameof(BreakDuration)));
}
