using Polly;
using Resilience.Polly.Outcomes;
using Resilience.Polly.Settings;

namespace Resilience.Polly.Retries;

/// <summary>Whether the settings allow a call another attempt, and after which wait.</summary>
internal static class NextAttempt
{
    /// <summary>Whether the attempts are used up, as a pure function.</summary>
    /// <param name="attempts">The attempts that were made.</param>
    /// <param name="notSent">Those that sent nothing. Counted only if <see cref="RetryOptions.MaxConnectAttempts"/> is set.</param>
    /// <param name="lastWasNotSent">Whether the last one is one of those.</param>
    /// <param name="own">The limit of the call itself, for all its attempts together.</param>
    /// <param name="options">The settings of the call.</param>
    public static bool IsBeyondLimit(int attempts, int notSent, bool lastWasNotSent, int? own, RetryOptions options) =>
        attempts >= own
        || (options.MaxConnectAttempts is { } connects && lastWasNotSent
            ? notSent >= connects
            : attempts - notSent >= (own ?? options.MaxAttempts));

    /// <summary>The most attempts of one call, unless it sets its own limit.</summary>
    public static int Most(RetryOptions options) => options.MaxAttempts + (options.MaxConnectAttempts ?? 1) - 1;

    /// <summary>The wait before the next attempt, or <see langword="null"/> if that attempt is not worth waiting for.</summary>
    /// <exception cref="InvalidOperationException">The application's <see cref="RetryOptions.DelayGenerator"/> returned an invalid wait. Its own exceptions pass through.</exception>
    public static TimeSpan? WaitAfter<TResult>(int attempt, Outcome<TResult> outcome, RetryOptions options, ResilienceContext context, TimeProvider clock, TimeSpan? left)
    {
        var random = Random.Shared.NextDouble();
        var retryAfter = options.UseRetryAfter || options.DelayGenerator is not null ? FailureTable.RetryAfterOf(outcome, context, clock) : null;
        var given = options.DelayGenerator is { } generator ? Ask(generator, attempt, outcome, options, context, random, retryAfter) : null;
        return RetryDelay.Before(attempt + 1, options, random, options.UseRetryAfter ? retryAfter : null, left, given);
    }

    private static TimeSpan? Ask<TResult>(
        Func<RetryDelayArguments, TimeSpan?> generator, int attempt, Outcome<TResult> outcome, RetryOptions options, ResilienceContext context, double random, TimeSpan? retryAfter)
    {
        var given = generator(new()
        {
            Context = context,
            Attempt = attempt,
            Exception = outcome.Exception,
            Result = outcome.Exception is null ? outcome.Result : null,
            RetryAfter = retryAfter,
            UsualWait = RetryDelay.Backoff(attempt + 1, options, random),
        });
        return given is not { } wait || Kinds.Wait.Contains(wait)
            ? given
            : throw new InvalidOperationException($"Retry.DelayGenerator returned {Kinds.Wait.Print(wait)}, allowed is {Kinds.Wait.Range}, or null for the usual wait.");
    }
}
