using Polly;
using Resilience.Polly.Failures;

namespace Resilience.Polly.Flow;

/// <summary>Keeps how a call goes, from its first retry on, and gives it to the exception of the call. A call that does not fail keeps nothing.</summary>
internal static class CallHistory
{
    /// <summary>Keeps an attempt that is about to be repeated.</summary>
    public static void Note<TResult>(Call call, Outcome<TResult> outcome, TimeSpan took, TimeSpan wait) =>
        (call.Failed ??= new(2)).Add(new(call.Outcome.Attempts, FailureOf(outcome), took, wait));

    /// <summary>How the call has gone, its last attempt included.</summary>
    public static CallRecord Of<TResult>(Call call, Outcome<TResult> outcome)
    {
        var (failed, attempts) = (call.Failed, call.Outcome.Attempts);
        var noted = failed?.Count ?? 0;
        var isNoted = noted > 0 && failed![^1].Number == attempts; // cut off in the wait after it
        var record = new FailedAttempt[isNoted || attempts == 0 ? noted : noted + 1];
        failed?.CopyTo(record);
        if (noted < record.Length)
        {
            record[^1] = new(attempts, FailureOf(outcome), call.Pipeline.Clock.GetElapsedTime(call.AttemptStartedAt), null);
        }

        var circuit = !call.Settings.EnforcesCircuit ? null : call.IsProbe ? "circuit half-open, probe" : "circuit closed";
        return new(call.Pipeline.Clock.GetElapsedTime(call.StartedAt, call.SlotAt), circuit, record, call.Ends);
    }

    /// <summary>Gives the exception that the pipeline has made the history of its call.</summary>
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
