using Polly;
using Polly.Telemetry;
using Resilience.Polly.Events;
using Resilience.Polly.Failures;
using Resilience.Polly.Outcomes;

namespace Resilience.Polly.CircuitBreakers;

/// <summary>The circuit as a strategy for any pipeline.</summary>
internal sealed class ConsecutiveCircuitBreakerStrategy(
    string pipelineName, CircuitBreakerOptions options, HandledOutcomes handled, TimeProvider clock, ResilienceStrategyTelemetry telemetry) : ResilienceStrategy
{
    private readonly CircuitBreaker _circuit = new(pipelineName, partition: null, clock);
    private readonly CircuitRules _rules = new(options, clock);

    protected override async ValueTask<Outcome<TResult>> ExecuteCore<TResult, TState>(
        Func<ResilienceContext, TState, ValueTask<Outcome<TResult>>> callback, ResilienceContext context, TState state)
    {
        var admission = _circuit.Admit(_rules);
        CircuitReports.Report(telemetry, context, Outcome.FromResult<object?>(null), admission.Transition);
        if (admission.Permit is not { } permit)
        {
            var rejected = new Rejection(RejectedBy.CircuitBreaker, CircuitOpenException.KeepsFailing, admission.RetryAfter, Cause: admission.OpenedBy?.Failure).ToPollyException(new FailureContext(pipelineName, null, 0));
            telemetry.SetTelemetrySource((ExecutionRejectedException)rejected);
            return Outcome.FromException<TResult>(rejected);
        }

        Outcome<TResult> outcome;
        try
        {
            outcome = await callback(context, state).ConfigureAwait(context.ContinueOnCapturedContext);
        }
        catch (Exception exception) // a callback should not throw; if it does, it must not keep a permit
        {
            outcome = Outcome.FromException<TResult>(exception);
        }

        (outcome, var verdict) = await handled.JudgeAsync(outcome, context).ConfigureAwait(context.ContinueOnCapturedContext);
        CircuitReports.Report(telemetry, context, outcome, _circuit.Settle(permit, verdict, outcome, startedAt: 0, context, _rules));
        return outcome;
    }
}
