using Polly;

namespace Resilience.Polly;

/// <summary>Calls that are not let in: noted as such, told, and given their exception.</summary>
internal static class CallRefusals
{
    public static Outcome<TResult> Shed<TResult>(LivePipeline pipeline, Call call, ResilienceContext context)
    {
        call.Result = CallResult.Shed;
        pipeline.Events.Shed(context);
        return Outcome.FromException<TResult>(pipeline.Events.Sign(
            Rejections.Shed(pipeline.Shedder.Overload ?? "overload that has just ended", FailureContext.Of(call, context), call.Settings.Options.MapExceptions),
            static telemetry => telemetry.LoadShedding));
    }

    public static Outcome<TResult> NoSlot<TResult>(LivePipeline pipeline, BulkheadEntry entry, Call call, ResilienceContext context)
    {
        if (entry == BulkheadEntry.Cancelled)
        {
            return CallOutcome.Cancelled<TResult>(call, context);
        }

        call.Result = CallResult.BulkheadFull;
        pipeline.Events.RejectedByBulkhead(context);
        return Outcome.FromException<TResult>(pipeline.Events.Sign(
            CallOutcome.NoSlot(entry, pipeline.Bulkhead.Limit, call, context), static telemetry => telemetry.Bulkhead));
    }

    public static Outcome<TResult> CircuitOpen<TResult>(LivePipeline pipeline, Call call, ResilienceContext context)
    {
        call.Result = CallResult.CircuitOpen;
        pipeline.Events.RejectedByCircuit(context, call.RetryAfter);
        return Outcome.FromException<TResult>(pipeline.Events.Sign(
            Rejections.CircuitOpen(call.RetryAfter, FailureContext.Of(call, context), call.Settings.Options.MapExceptions),
            static telemetry => telemetry.CircuitBreaker));
    }
}
