using System.Runtime.CompilerServices;
using Polly;
using Polly.RateLimiting;
using Polly.Telemetry;
using Resilience.Polly.Events;
using Resilience.Polly.Failures;
using Resilience.Polly.Outcomes;
using Resilience.Polly.Primitives;

namespace Resilience.Polly.Bulkheads;

/// <summary>The bulkhead as a strategy for any pipeline.</summary>
internal sealed class BulkheadStrategy(string pipelineName, BulkheadOptions options, TimeProvider clock, ResilienceStrategyTelemetry telemetry) : ResilienceStrategy
{
    private readonly Bulkhead _bulkhead = new(options.MaxConcurrency, clock);

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    protected override async ValueTask<Outcome<TResult>> ExecuteCore<TResult, TState>(
        Func<ResilienceContext, TState, ValueTask<Outcome<TResult>>> callback, ResilienceContext context, TState state)
    {
        if (!_bulkhead.TryEnter())
        {
            var entry = context.IsSynchronous()
                ? _bulkhead.Enter(options, context.CancellationToken)
                : await _bulkhead.EnterAsync(options, context.CancellationToken).ConfigureAwait(context.ContinueOnCapturedContext);
            if (entry != BulkheadEntry.Entered)
            {
                return Outcome.FromException<TResult>(entry == BulkheadEntry.Cancelled ? new OperationCanceledException(context.CancellationToken) : Rejected(entry, context));
            }
        }

        try
        {
            return await callback(context, state).ConfigureAwait(context.ContinueOnCapturedContext);
        }
        finally
        {
            _bulkhead.Exit();
        }
    }

    private RateLimiterRejectedException Rejected(BulkheadEntry entry, ResilienceContext context)
    {
        telemetry.Report(new ResilienceEvent(ResilienceEventSeverity.Error, "OnRateLimiterRejected"), context, new LimiterRejectedArguments(context));
        var why = _bulkhead.Why(entry, options);
        var rejected = new RateLimiterRejectedException(ExceptionMapper.NoRoomMessage(why, "more by MaxConcurrency", new FailureContext(pipelineName, null, 0)));
        telemetry.SetTelemetrySource(rejected);
        return rejected;
    }
}
