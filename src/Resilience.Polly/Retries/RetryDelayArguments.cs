using Polly;

namespace Resilience.Polly;

/// <summary>What <see cref="RetryOptions.DelayGenerator"/> receives about a failed attempt that will be retried.</summary>
public sealed class RetryDelayArguments
{
    /// <summary>The context of the call, with its properties.</summary>
    public required ResilienceContext Context { get; init; }

    /// <summary>The number of the attempt that failed, from 1.</summary>
    public required int Attempt { get; init; }

    /// <summary>The exception of the attempt, or <see langword="null"/> if its result was the failure.</summary>
    public Exception? Exception { get; init; }

    /// <summary>The failed result, such as an <see cref="HttpResponseMessage"/>, or <see langword="null"/> if the attempt threw.</summary>
    public object? Result { get; init; }

    /// <summary>The wait that the service asked for in <c>Retry-After</c>, even if <see cref="RetryOptions.UseRetryAfter"/> is false; <see langword="null"/> if it asked for none.</summary>
    public TimeSpan? RetryAfter { get; init; }

    /// <summary>The wait of the backoff, with jitter.</summary>
    public required TimeSpan UsualWait { get; init; }

    /// <summary>The id of the call, if it has one (<see cref="CallProperties.RequestId"/>).</summary>
    public string? RequestId => CallProperties.RequestIdOf(Context);
}
