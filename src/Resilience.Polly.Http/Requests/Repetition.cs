namespace Resilience.Polly.Http.Requests;

/// <summary>Which requests may be sent again, as a pure function (guide: "Idempotency: The Key to Safe Retries").</summary>
internal static class Repetition
{
    /// <param name="asked">What the request or its client says; where it says nothing, the method decides.</param>
    /// <param name="method">The method of the request.</param>
    /// <param name="bodyRepeats">Whether its body, if it has one, gives the same bytes again.</param>
    /// <param name="isRecognised">Whether the service recognises a repetition: the caller gave the id, or the pipeline says so.</param>
    public static CallRepetition Of(CallRepetition? asked, HttpMethod method, bool bodyRepeats, bool isRecognised)
    {
        var wanted = asked ?? (isRecognised || IsIdempotent(method) ? CallRepetition.Safe : CallRepetition.OnlyIfNotSent);
        return wanted == CallRepetition.Safe && !bodyRepeats ? CallRepetition.OnlyIfNotSent : wanted;
    }

    /// <summary>Whether requests of the method change nothing (RFC 9110, section 9.2.1).</summary>
    public static bool IsSafe(HttpMethod method) =>
        method == HttpMethod.Get || method == HttpMethod.Head || method == HttpMethod.Options || method == HttpMethod.Trace;

    // RFC 9110, section 9.2.2. What is not known is taken to do something each time.
    private static bool IsIdempotent(HttpMethod method) => IsSafe(method) || method == HttpMethod.Put || method == HttpMethod.Delete;
}
