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

    public bool Retries => MostAttempts > 1;

    /// <summary>The most attempts that a call can make, those that cannot connect included.</summary>
    public int MostAttempts => NextAttempt.Most(options.Retry);

    public bool HasCircuit => options.CircuitBreaker.Mode != CircuitBreakerMode.Disabled;

    /// <summary>The limit of one attempt. One over HTTP can take somewhat longer, since there <c>Read</c> is the limit of one phase.</summary>
    public TimeSpan Attempt => options.Timeout.Usual;

    public string AttemptSetting => options.Timeout.Attempt is null ? "Timeout:Read" : "Timeout:Attempt";

    /// <summary>Whether something ends a call whose phases have no limit.</summary>
    public bool HasOuterLimit => (options.Timeout.Attempt ?? options.Timeout.Total) is not null;

    /// <summary>The longest wait that the backoff can come to with this number of attempts, which <c>MaxWait</c> may be far above.</summary>
    public TimeSpan LongestWait
    {
        get
        {
            var longest = TimeSpan.Zero;
            for (var attempt = 2; attempt <= MostAttempts; attempt++)
            {
                longest = TimeSpan.FromTicks(Math.Max(longest.Ticks, WaitBefore(attempt).Ticks));
            }

            return longest;
        }
    }

    /// <summary>How long a call takes whose attempts all time out, from its first attempt on; <see langword="null"/> where nothing ends an attempt.</summary>
    public TimeSpan? Sequence
    {
        get
        {
            if (Attempt == Timeout.InfiniteTimeSpan)
            {
                return null;
            }

            var sum = options.Timeout.ForAttempt(Attempt, 1);
            for (var attempt = 2; attempt <= MostAttempts; attempt++)
            {
                sum += WaitBefore(attempt) + options.Timeout.ForAttempt(Attempt, attempt);
            }

            return sum;
        }
    }

    // The most that jitter can make of it.
    private TimeSpan WaitBefore(int attempt) => RetryDelay.Before(attempt, options.Retry, random: 1, retryAfter: null, left: null)!.Value;
}
