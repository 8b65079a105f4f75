using Polly;

namespace Resilience.Polly;

/// <summary>What a server asked for in <c>Retry-After</c>, in seconds or as a date.</summary>
internal static class RetryAfterHint
{
    public static TimeSpan? Of<TResult>(Outcome<TResult> outcome, TimeProvider clock) => outcome switch
    {
        { Exception: ServiceUnavailableException unavailable } => unavailable.RetryAfter,
        { Exception: HttpStatusException answer } => answer.RetryAfter,
        { Result: HttpResponseMessage response } => Of(response, clock),
        _ => null,
    };

    public static TimeSpan? Of(HttpResponseMessage response, TimeProvider clock) => response.Headers.RetryAfter switch
    {
        { Delta: { } delta } => delta,
        { Date: { } date } => Until(date, clock.GetUtcNow()),
        _ => null,
    };

    private static TimeSpan Until(DateTimeOffset date, DateTimeOffset now) => date > now ? date - now : TimeSpan.Zero;
}
