using Polly;

namespace Resilience.Polly;

/// <summary>Calls that are not let in: noted as such, told, and given their exception.</summary>
internal static class CallRefusals
{
    public static Outcome<TResult> Shed<TResult>(Call<TResult> call)
    {
        call.Result = CallResult.Shed;
        call.Pipeline.Events.Shed(call.Context);
        return Outcome.FromException<TResult>(call.Pipeline.Events.Sign(
            Rejections.Shed(call.Pipeline.Shedder.Overload ?? "overload that has just ended", FailureContext.Of(call), call.Settings.Options.MapExceptions),
            static telemetry => telemetry.LoadShedding));
    }

    public static Outcome<TResult> NoSlot<TResult>(BulkheadEntry entry, Call<TResult> call)
    {
        if (entry == BulkheadEntry.Cancelled)
        {
            return CallOutcome.Cancelled(call);
        }

        call.Result = CallResult.BulkheadFull;
        call.Pipeline.Events.RejectedByBulkhead(call.Context);
        return Outcome.FromException<TResult>(call.Pipeline.Events.Sign(CallOutcome.NoSlot(entry, call), static telemetry => telemetry.Bulkhead));
    }

    public static Outcome<TResult> CircuitOpen<TResult>(Call<TResult> call)
    {
        call.Result = CallResult.CircuitOpen;
        call.Pipeline.Events.RejectedByCircuit(call.Context, call.RetryAfter);
        return Outcome.FromException<TResult>(call.Pipeline.Events.Sign(
            Rejections.CircuitOpen(call.RetryAfter, FailureContext.Of(call), call.Settings.Options.MapExceptions),
            static telemetry => telemetry.CircuitBreaker));
    }
}
