using Polly;

namespace Resilience.Polly;

/// <summary>What the circuit of a pipeline has to say to a call on its way, and hears of it.</summary>
internal static class CircuitUse
{
    public static bool AllowsRetry(LivePipeline pipeline, Call call) => !call.Settings.EnforcesCircuit || pipeline.Circuit.IsClosed;

    public static bool TryAdmit(LivePipeline pipeline, bool counts, Call call, ResilienceContext context, out CircuitPermit permit)
    {
        permit = CircuitPermit.Uncounted;
        if (!counts)
        {
            return true;
        }

        var options = call.Settings.Options.CircuitBreaker;
        var admission = pipeline.Circuit.Admit(options);
        pipeline.Events.CircuitChanged(context, Outcome.FromResult<object?>(null), admission.Transition, options);
        if (admission.Permit is not { } admitted)
        {
            if (!call.Settings.EnforcesCircuit)
            {
                return true;
            }

            (call.RetryAfter, call.RejectedAt) = (admission.RetryAfter, admission.At);
            return false;
        }

        permit = admitted;
        call.IsProbe = permit.IsProbe && call.Settings.EnforcesCircuit;
        return true;
    }

    public static void Settle<TResult>(LivePipeline pipeline, CircuitPermit permit, Outcome<TResult> outcome, Call call, ResilienceContext context)
    {
        if (!permit.Counts)
        {
            return;
        }

        var options = call.Settings.Options.CircuitBreaker;
        var transition = pipeline.Circuit.Settle(permit, call.Verdict, outcome, options);
        pipeline.Events.CircuitChanged(context, outcome, transition, options);
    }
}
