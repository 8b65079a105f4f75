using Resilience.Polly.Http.Phases;
using Resilience.Polly.Http.Requests;

namespace Resilience.Polly.Http.Calls;

/// <summary>The id of a call: its source, and its headers in each attempt (guide: "Idempotency: The Key to Safe Retries").</summary>
internal static class CallIdentity
{
    /// <param name="request">The request.</param>
    /// <param name="setup">The setup of its call.</param>
    /// <param name="names">The names of the headers.</param>
    /// <param name="time">The clock, for an id that the library makes.</param>
    /// <param name="keyHeader">The header by which the service recognises the call; none for methods that change nothing.</param>
    /// <param name="isGiven">Whether the caller gave the id. Then the service recognises a repetition by it.</param>
    /// <exception cref="ArgumentException">The id of the request is not valid.</exception>
    public static string Of(
        HttpRequestMessage request, CallSetup setup, IdempotencyOptions names, TimeProvider time, out string? keyHeader, out bool isGiven)
    {
        isGiven = true;
        if (setup.RequestId is { } given)
        {
            keyHeader = RequestIds.Quote(given);
            return given;
        }

        var headers = request.Headers.NonValidated;
        if (headers.Count > 0 && headers.TryGetValues(names.RequestIdHeader, out var byHand))
        {
            RequestIds.ThrowIfUnprintable(byHand.ToString(), names.RequestIdHeader);
        }

        if (headers.Count > 0 && headers.TryGetValues(names.KeyHeader, out var key))
        {
            // A key that the application set is sent unchanged: the service must recognise it.
            keyHeader = key.ToString();
            return RequestIds.OfHeader(keyHeader, names.KeyHeader);
        }

        isGiven = false;
        var id = RequestIds.New(time.GetUtcNow());

        // Methods that change nothing need no key. A key that the caller gave is sent anyway.
        keyHeader = Repetition.IsSafe(request.Method) ? null : RequestIds.Quote(id);
        return id;
    }

    public static void Write(AttemptMessage message, string id, string? keyHeader, CallSetup setup, IdempotencyOptions names)
    {
        var (headers, given) = (message.Headers, message.Headers.NonValidated);
        if (setup.RequestId is not null)
        {
            headers.Remove(names.RequestIdHeader);
            headers.Remove(names.KeyHeader);
        }

        if (given.Count == 0 || !given.Contains(names.RequestIdHeader))
        {
            headers.TryAddWithoutValidation(names.RequestIdHeader, id);
        }

        if (keyHeader is not null && !given.Contains(names.KeyHeader))
        {
            headers.TryAddWithoutValidation(names.KeyHeader, keyHeader);
        }
    }
}
