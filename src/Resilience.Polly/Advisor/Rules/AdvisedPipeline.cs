using Resilience.Polly.Retries;

namespace Resilience.Polly.Advisor.Rules;

/// <summary>The input of the rules: the settings of a pipeline, its clients, and values that more than one rule derives from them.</summary>
internal sealed class AdvisedPipeline(string name, PipelineOptions options, IReadOnlyList<string> clients)
{
    public string Name => name;

    public PipelineOptions Options => options;

    /// <summary>The HTTP clients that use the pipeline.</summary>
    public IReadOnlyList<string> Clients => clients;

    public bool HasUsersWaiting => options.Importance != PipelineImportance.Background;

    public bool Retries => MostAttempts > 1;

    /// <summary>The most attempts that a call can make, those that cannot connect included.</summary>
    public int MostAttempts => NextAttempt.Most(options.Retry);

    public bool HasCircuit => options.CircuitBreaker.Mode != CircuitBreakerMode.Disabled;

    /// <summary>The limit of one attempt. Over HTTP it can take somewhat longer, since <c>Read</c> limits only one phase.</summary>
    public TimeSpan Attempt => options.Timeout.Usual;

    public string AttemptSetting => options.Timeout.Attempt is null ? "Timeout:Read" : "Timeout:Attempt";

    /// <summary>Whether something ends a call whose phases have no limit.</summary>
    public bool HasOuterLimit => (options.Timeout.Attempt ?? options.Timeout.Total) is not null;

    /// <summary>The longest wait that the backoff can reach with this number of attempts; <c>MaxWait</c> may be far above it.</summary>
    public TimeSpan LongestWait => FurtherAttempts.Select(WaitBefore).DefaultIfEmpty().Max();

    /// <summary>How long a call takes if all its attempts time out, from its first attempt on; <see langword="null"/> if nothing ends an attempt.</summary>
    public TimeSpan? Sequence => Attempt == Timeout.InfiniteTimeSpan ? null : FurtherAttempts.Aggregate(
        options.Timeout.ForAttempt(Attempt, 1), (sum, attempt) => sum + WaitBefore(attempt) + options.Timeout.ForAttempt(Attempt, attempt));

    private IEnumerable<int> FurtherAttempts => Enumerable.Range(2, MostAttempts - 1);

    // The most with jitter.
    private TimeSpan WaitBefore(int attempt) => RetryDelay.Before(attempt, options.Retry, random: 1, retryAfter: null, left: null)!.Value;
}
