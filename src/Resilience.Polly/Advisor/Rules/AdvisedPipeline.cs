using Resilience.Polly.Retries;

namespace Resilience.Polly.Advisor.Rules;

/// <summary>What the rules look at: the settings of a pipeline, who uses it, and what more than one rule derives from them.</summary>
internal sealed class AdvisedPipeline(string name, PipelineOptions options, IReadOnlyList<string> clients)
{
    public string Name => name;

    public PipelineOptions Options => options;

    /// <summary>The HTTP clients that go through the pipeline.</summary>
    public IReadOnlyList<string> Clients => clients;

    public bool HasUsersWaiting => options.Importance != PipelineImportance.Background;

    public bool Retries => options.Retry.MaxAttempts > 1;

    public bool HasCircuit => options.CircuitBreaker.Mode != CircuitBreakerMode.Disabled;

    /// <summary>The limit of one attempt. One over HTTP can take somewhat longer, since there <c>Read</c> is the limit of one phase.</summary>
    public TimeSpan Attempt => options.Timeout.Attempt ?? options.Timeout.Read;

    public string AttemptSetting => options.Timeout.Attempt is null ? "Timeout:Read" : "Timeout:Attempt";

    /// <summary>Whether something ends a call whose phases have no limit.</summary>
    public bool HasOuterLimit => (options.Timeout.Attempt ?? options.Timeout.Total) is not null;

    /// <summary>The longest wait that the backoff can come to with this number of attempts, which <c>MaxWait</c> may be far above.</summary>
    public TimeSpan LongestWait => Waits().DefaultIfEmpty().Max();

    /// <summary>How long a call takes whose attempts all time out, from its first attempt on; <see langword="null"/> where nothing ends an attempt.</summary>
    public TimeSpan? Sequence => Attempt == Timeout.InfiniteTimeSpan
        ? null
        : Enumerable.Range(1, options.Retry.MaxAttempts)
            .Select(attempt => options.Timeout.ForAttempt(Attempt, attempt))
            .Concat(Waits())
            .Aggregate(TimeSpan.Zero, (sum, part) => sum + part);

    // The most that jitter can make of them.
    private IEnumerable<TimeSpan> Waits() => Enumerable.Range(2, options.Retry.MaxAttempts - 1)
        .Select(attempt => RetryDelay.Before(attempt, options.Retry, random: 1, retryAfter: null, left: null)!.Value);
}
