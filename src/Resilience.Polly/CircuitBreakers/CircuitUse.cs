using Polly;

namespace Resilience.Polly;

/// <summary>What the circuit of a pipeline has to say to a call on its way, and hears of it.</summary>
internal static class CircuitUse
{
    public static bool AllowsRetry(Call call) => !call.Settings.EnforcesCircuit || call.Pipeline.Circuit.IsClosed;

    /// <summary>Asks for a permit, for the call or for its next attempt, whichever is counted.</summary>
    public static bool TryAdmit(Call call)
    {
        var options = call.Settings.Options.CircuitBreaker;
        if (options.Mode == CircuitBreakerMode.Disabled)
        {
            return true;
        }

        var admission = call.Pipeline.Circuit.Admit(options);
        call.Pipeline.Events.CircuitChanged(call.Context, Outcome.FromResult<object?>(null), admission.Transition, options.RecoveryTimeout, options.FailureThreshold);
        if (admission.Permit is { } permit)
        {
            call.Permit = permit;
            call.IsProbe = permit.IsProbe && call.Settings.EnforcesCircuit;
            return true;
        }

        if (call.Settings.EnforcesCircuit)
        {
            (call.RetryAfter, call.RejectedAt) = (admission.RetryAfter, admission.At);
            return false;
        }

        return true;
    }

    /// <summary>Tells the circuit how it went, once for each permit.</summary>
    public static void Settle<TResult>(Outcome<TResult> outcome, Call<TResult> call)
    {
        var permit = call.Permit;
        if (permit.Counts)
        {
            call.Permit = CircuitPermit.Uncounted;
            var options = call.Settings.Options.CircuitBreaker;
            var transition = call.Pipeline.Circuit.Settle(permit, call.Verdict, outcome, options);
            call.Pipeline.Events.CircuitChanged(call.Context, outcome, transition, options.RecoveryTimeout, options.FailureThreshold);
        }
    }
}
