using Polly;
using Resilience.Polly.CircuitBreakers;
using Resilience.Polly.Outcomes;

namespace Resilience.Polly.Flow;

/// <summary>Gets a permit from the circuit breaker, and reports the result of the call or attempt to it.</summary>
internal static class CircuitStep
{
    public static bool AllowsRetry(Call call) => !call.Settings.EnforcesCircuit || call.Partition.Circuit.IsClosed;

    /// <summary>Gets a permit for the call or for its next attempt, whichever is counted.</summary>
    /// <returns>The rejection, if the circuit enforces one.</returns>
    public static Rejection? Admit(Call call)
    {
        var rules = call.Settings.Circuit;
        if (rules.Options.Mode == CircuitBreakerMode.Disabled)
        {
            return null;
        }

        var admission = call.Partition.Circuit.Admit(rules);
        call.Partition.Events.CircuitChanged(call.Context, Outcome.FromResult<object?>(null), admission.Transition);
        if (admission.Permit is { } permit)
        {
            call.Permit = permit;
            call.IsProbe = permit.IsProbe && call.Settings.EnforcesCircuit;
            return null;
        }

        return call.Settings.EnforcesCircuit ? Rejection(admission) : null;
    }

    /// <summary>Returns the permit of an attempt that was not made.</summary>
    public static void GiveBack(Call call)
    {
        call.Partition.Circuit.Settle(
            call.Permit, FailureKind.Unrelated, Outcome.FromResult<object?>(null), call.AttemptStartedAt, call.Context, call.Settings.Circuit);
        call.Permit = CircuitPermit.Uncounted;
    }

    /// <summary>Reports the result to the circuit, once for each permit.</summary>
    public static void Settle<TResult>(Outcome<TResult> outcome, Call<TResult> call)
    {
        var permit = call.Permit;
        if (permit.Counts)
        {
            call.Permit = CircuitPermit.Uncounted;
            var transition = call.Partition.Circuit.Settle(
                permit, call.Outcome.Verdict, outcome, call.AttemptStartedAt, call.Context, call.Settings.Circuit);
            call.Partition.Events.CircuitChanged(call.Context, outcome, transition);
        }
    }

    private static Rejection Rejection(in CircuitAdmission admission) => new(
        RejectedBy.CircuitBreaker,
        Why: admission is { OpenedBy: null, RetryAfter: not null } ? CircuitOpenException.IsIsolated : CircuitOpenException.KeepsFailing,
        admission.RetryAfter,
        Cause: admission.OpenedBy?.Failure,
        At: admission.At);
}
