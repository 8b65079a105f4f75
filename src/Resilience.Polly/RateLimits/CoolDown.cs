using System.Net;
using Polly;
using Resilience.Polly.Failures;
using Resilience.Polly.Outcomes;

namespace Resilience.Polly.RateLimits;

/// <summary>Whether an answer asks all callers to wait, and how long.</summary>
internal static class CoolDown
{
    /// <returns>The wait, at most <paramref name="max"/>; <see langword="null"/> if the answer asks for none.</returns>
    public static TimeSpan? Of<TResult>(Outcome<TResult> outcome, ResilienceContext context, TimeProvider clock, TimeSpan max)
    {
        var asked = outcome switch
        {
            { Exception: { } exception } => OfException(AttemptFailure.Judged(exception, context) ?? exception),
            { Result: HttpResponseMessage response } when AsksAll(response.StatusCode) => RetryAfterHint.Of(response, clock),
            _ => null,
        };
        return asked > max ? max : asked > TimeSpan.Zero ? asked : null;
    }

    private static TimeSpan? OfException(Exception exception) =>
        FailureTable.Find(exception)?.Cause is HttpRequestException { StatusCode: { } status } answer && AsksAll(status)
            ? AnswerDetails.Of(answer).RetryAfter
            : null;

    private static bool AsksAll(HttpStatusCode status) => status is HttpStatusCode.TooManyRequests or HttpStatusCode.ServiceUnavailable;
}
