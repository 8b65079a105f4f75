namespace Resilience.Polly.Http.Requests;

/// <summary>Which requests may be sent again, as a pure function (guide: "Idempotency: The Key to Safe Retries").</summary>
internal static class Repetition
{
    /// <param name="asked">The setting of the request or its client; if there is none, the method decides.</param>
    /// <param name="method">The method of the request.</param>
    /// <param name="allowed">The methods that the pipeline retries; <see langword="null"/> for all.</param>
    /// <param name="bodyRepeats">Whether its body, if it has one, can give the same bytes again.</param>
    /// <param name="isRecognised">Whether the service recognises a repetition: the caller gave the id, or the pipeline says so.</param>
    public static CallRepetition Of(CallRepetition? asked, HttpMethod method, string? allowed, bool bodyRepeats, bool isRecognised)
    {
        var wanted = asked ?? (IsLeftOut(method, allowed) ? CallRepetition.Never : isRecognised || IsIdempotent(method) ? CallRepetition.Safe : CallRepetition.OnlyIfNotSent);
        return wanted == CallRepetition.Safe && !bodyRepeats ? CallRepetition.OnlyIfNotSent : wanted;
    }

    /// <summary>Whether requests of the method change nothing (RFC 9110, section 9.2.1).</summary>
    public static bool IsSafe(HttpMethod method) =>
        method == HttpMethod.Get || method == HttpMethod.Head || method == HttpMethod.Options || method == HttpMethod.Trace;

    private static bool IsLeftOut(HttpMethod method, string? allowed)
    {
        if (allowed is null)
        {
            return false;
        }

        foreach (var range in allowed.AsSpan().Split(','))
        {
            if (allowed.AsSpan(range).Trim(' ').Equals(method.Method, StringComparison.OrdinalIgnoreCase))
            {
                return false;
            }
        }

        return true;
    }

    // RFC 9110, section 9.2.2. An unknown method is assumed to change something each time.
    private static bool IsIdempotent(HttpMethod method) => IsSafe(method) || method == HttpMethod.Put || method == HttpMethod.Delete;
}
