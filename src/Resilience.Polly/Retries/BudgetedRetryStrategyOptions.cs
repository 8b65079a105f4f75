using System.ComponentModel.DataAnnotations;
using Polly;
using Polly.Retry;
using Resilience.Polly.Settings;

namespace Resilience.Polly;

/// <summary>The options of the retry with a budget, for pipelines of any result.</summary>
public sealed class BudgetedRetryStrategyOptions : BudgetedRetryStrategyOptions<object>;

/// <summary>The options of the retry with a budget (guide: "Pattern 2: Retry Pattern").</summary>
/// <typeparam name="TResult">The result of the pipeline.</typeparam>
/// <remarks>Before retry n the wait is <c>min(Delay x Multiplier^(n-1), MaxDelay)</c>, with <see cref="UseJitter"/> plus a random part of up to the same length, the sum never over <see cref="MaxDelay"/>.</remarks>
public class BudgetedRetryStrategyOptions<TResult> : ResilienceStrategyOptions, IValidatableObject
{
    private static readonly NumberKind<int> Retries = new(0, 99);

    /// <summary>Creates options with the defaults.</summary>
    public BudgetedRetryStrategyOptions() => Name = "BudgetedRetry";

    /// <summary>Retries after the first attempt.</summary>
    /// <value>A number of 0 to 99; the default is 2.</value>
    public int MaxRetryAttempts { get; set; } = 2;

    /// <summary>The wait before the first retry, without jitter.</summary>
    /// <value>A duration of 00:00:00 to 1.00:00:00, not over <see cref="MaxDelay"/>; the default is 1 second.</value>
    public TimeSpan Delay
    {
        get => Retry.MinWait;
        set => Retry.MinWait = value;
    }

    /// <summary>The longest wait. A server that asks for a longer one by <c>Retry-After</c> ends the retrying.</summary>
    /// <value>A duration of 00:00:00 to 1.00:00:00; the default is 60 seconds.</value>
    public TimeSpan MaxDelay
    {
        get => Retry.MaxWait;
        set => Retry.MaxWait = value;
    }

    /// <summary>By how much each wait is longer than the one before.</summary>
    /// <value>A number of 1 to 100; the default is 2.</value>
    public double Multiplier
    {
        get => Retry.Multiplier;
        set => Retry.Multiplier = value;
    }

    /// <summary>Spreads the retries of many clients over time, so that they do not come back in step.</summary>
    /// <value>true or false; the default is <see langword="true"/>.</value>
    public bool UseJitter
    {
        get => Retry.Jitter;
        set => Retry.Jitter = value;
    }

    /// <summary>Whether the service sets the wait by <c>Retry-After</c>: it lengthens a wait, and one over <see cref="MaxDelay"/> ends the retrying.</summary>
    /// <value>true or false; the default is <see langword="true"/>.</value>
    public bool UseRetryAfter
    {
        get => Retry.UseRetryAfter;
        set => Retry.UseRetryAfter = value;
    }

    /// <summary>How many retries all executions of the strategy may add together.</summary>
    /// <value>On, with 20 % of the executions and 10 retries a second.</value>
    public RetryBudgetOptions Budget
    {
        get => Retry.Budget;
        set => Retry.Budget = value;
    }

    /// <summary>Which outcomes are retried.</summary>
    /// <value>
    /// A predicate, such as Polly's <see cref="PredicateBuilder{TResult}"/>; the default is <see langword="null"/>, which uses the rules of the library: timeouts, connections that fail, HTTP 408, 429, 502, 503 and 504.
    /// A cancellation by the caller is never retried.
    /// </value>
    public Func<RetryPredicateArguments<TResult>, ValueTask<bool>>? ShouldHandle { get; set; }

    internal RetryOptions Retry { get; } = new();

    IEnumerable<ValidationResult> IValidatableObject.Validate(ValidationContext validationContext)
    {
        if (Retries.Check(MaxRetryAttempts) is { } problem)
        {
            yield return new ValidationResult(SettingFault.InCode(nameof(MaxRetryAttempts), Retries.Print(MaxRetryAttempts), problem).ToString(), [nameof(MaxRetryAttempts)]);
        }

        foreach (var fault in StrategyFaults.Of(RetryOptions.Settings, Retry, ("MinWait", nameof(Delay)), ("MaxWait", nameof(MaxDelay)), ("Jitter", nameof(UseJitter))))
        {
            yield return fault;
        }

        if (Delay > MaxDelay)
        {
            yield return new ValidationResult(SettingFault.InCode(nameof(Delay), Delay.ToString("c"), $"is longer than {nameof(MaxDelay)}, which is {MaxDelay:c}").ToString(), [nameof(Delay)]);
        }
    }
}
