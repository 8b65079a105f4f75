using Polly;
using Resilience.Polly.Failures;

namespace Resilience.Polly.Flow;

/// <summary>Records how a call goes, from its first retry on, and adds it to the exception of the call. A call that does not fail records nothing.</summary>
internal static class CallHistory
{
    /// <summary>Records an attempt that will be retried.</summary>
    public static void Note<TResult>(Call call, Outcome<TResult> outcome, TimeSpan took, TimeSpan wait) =>
        (call.Failed ??= new(2)).Add(new(call.Outcome.Attempts, FailureOf(outcome), took, wait));

    /// <summary>The call so far, including its last attempt.</summary>
    public static CallRecord Of<TResult>(Call call, Outcome<TResult> outcome)
    {
        var (failed, attempts) = (call.Failed, call.Outcome.Attempts);
        var noted = failed?.Count ?? 0;
        var isNoted = noted > 0 && failed![^1].Number == attempts; // the wait after it was cut off
        var record = new FailedAttempt[isNoted || attempts == 0 ? noted : noted + 1];
        failed?.CopyTo(record);
        if (noted < record.Length)
        {
            record[^1] = new(attempts, FailureOf(outcome), call.Pipeline.Clock.GetElapsedTime(call.AttemptStartedAt), null);
        }

        var circuit = !call.Settings.EnforcesCircuit ? null : call.IsProbe ? "circuit half-open, probe" : "circuit closed";
        return new(call.Pipeline.Clock.GetElapsedTime(call.StartedAt, call.SlotAt), circuit, record, call.Ends);
    }

    /// <summary>Adds the history of the call to an exception that the pipeline has created.</summary>
    public static void Attach<TResult>(Call call, Outcome<TResult> outcome, Exception seen)
    {
        if (seen is ApiCallException { Attempts: > 0 } failure
            && failure.Call.Record is null && ReferenceEquals(failure.PipelineName, call.Pipeline.Name) && !ReferenceEquals(failure, outcome.Exception))
        {
            failure.Call = failure.Call with { Record = call.Outcome.Record ?? Of(call, outcome) };
        }
    }

    private static object FailureOf<TResult>(Outcome<TResult> outcome) => outcome.Exception ?? (object)FailureText.Of(outcome);
}
