using Polly;

namespace Resilience.Polly;

/// <summary>What <see cref="RetryOptions.DelayGenerator"/> knows of an attempt that failed and is about to be repeated.</summary>
public sealed class RetryDelayArguments
{
    /// <summary>The context of the call, with its properties.</summary>
    public required ResilienceContext Context { get; init; }

    /// <summary>The number of the attempt that failed, from 1.</summary>
    public required int Attempt { get; init; }

    /// <summary>What the attempt threw, or <see langword="null"/> where its result was judged a failure.</summary>
    public Exception? Exception { get; init; }

    /// <summary>The result that was judged a failure, such as an <see cref="HttpResponseMessage"/>, or <see langword="null"/> where the attempt threw.</summary>
    public object? Result { get; init; }

    /// <summary>What the service asked for by <c>Retry-After</c>, also where <see cref="RetryOptions.UseRetryAfter"/> is false; <see langword="null"/> where it asked for nothing.</summary>
    public TimeSpan? RetryAfter { get; init; }

    /// <summary>The wait that the backoff gives, with jitter.</summary>
    public required TimeSpan UsualWait { get; init; }

    /// <summary>The id of the call, where it has one (<see cref="CallProperties.RequestId"/>).</summary>
    public string? RequestId => CallProperties.RequestIdOf(Context);
}
