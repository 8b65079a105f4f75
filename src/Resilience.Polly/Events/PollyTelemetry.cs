using System.Diagnostics.CodeAnalysis;
using Polly;
using Polly.CircuitBreaker;
using Polly.Telemetry;

namespace Resilience.Polly.Events;

/// <summary>
/// Polly's own reporting handles, one per strategy name. A strategy that rejects calls has its name from <see cref="RejectedBy"/>. Polly gives
/// handles only to strategies that are being built. So this class builds strategies that do nothing, with the telemetry of the application.
/// </summary>
internal sealed class PollyTelemetry
{
    private readonly Dictionary<RejectedBy, ResilienceStrategyTelemetry> _rejecting = [];

    public PollyTelemetry(string pipelineName, TelemetryListener? listener)
    {
        var builder = new ResiliencePipelineBuilder { Name = pipelineName, TelemetryListener = listener };
        Retry = Timeout = null!;
        foreach (var by in Enum.GetValues<RejectedBy>())
        {
            Keep(builder, by.ToString(), handle => _rejecting[by] = handle);
        }

        Keep(builder, nameof(Retry), handle => Retry = handle);
        Keep(builder, nameof(Timeout), handle => Timeout = handle);
        builder.Build();
    }

    public ResilienceStrategyTelemetry Retry { get; private set; }

    public ResilienceStrategyTelemetry Timeout { get; private set; }

    public ResilienceStrategyTelemetry Of(RejectedBy by) => _rejecting[by];

    [UnconditionalSuppressMessage("Trimming", "IL2026", Justification = "Polly validates the annotations of the options; these have none.")]
    private static void Keep(ResiliencePipelineBuilder builder, string strategy, Action<ResilienceStrategyTelemetry> keep) =>
        builder.AddStrategy(
            context =>
            {
                keep(context.Telemetry);
                return new Nothing();
            },
            new Named { Name = strategy });

    private sealed class Named : ResilienceStrategyOptions;

    private sealed class Nothing : ResilienceStrategy
    {
        protected override ValueTask<Outcome<TResult>> ExecuteCore<TResult, TState>(
            Func<ResilienceContext, TState, ValueTask<Outcome<TResult>>> callback, ResilienceContext context, TState state) =>
            callback(context, state);
    }
}

/// <summary>Reports the transitions of a circuit to Polly's telemetry, under Polly's event names.</summary>
internal static class CircuitReports
{
    public static void Report<TResult>(
        ResilienceStrategyTelemetry circuit, ResilienceContext context, Outcome<TResult> outcome, CircuitStateChangedEvent? transition)
    {
        switch (transition?.To)
        {
            case null:
                break;
            case CircuitState.Closed:
                circuit.Report(
                    new ResilienceEvent(ResilienceEventSeverity.Information, "OnCircuitClosed"),
                    context, outcome, new OnCircuitClosedArguments<TResult>(context, outcome, transition.IsManual));
                break;
            case CircuitState.HalfOpen:
                circuit.Report(
                    new ResilienceEvent(ResilienceEventSeverity.Warning, "OnCircuitHalfOpened"),
                    context, new OnCircuitHalfOpenedArguments(context));
                break;
            default:
                circuit.Report(
                    new ResilienceEvent(ResilienceEventSeverity.Error, "OnCircuitOpened"),
                    context, outcome, new OnCircuitOpenedArguments<TResult>(context, outcome, transition.OpenFor ?? TimeSpan.MaxValue, transition.IsManual));
                break;
        }
    }
}

/// <summary>
/// Passes on the events of Polly's strategies, except those of the pipeline that they need around them:
/// the application has not configured that pipeline.
/// </summary>
internal sealed class StrategyEvents(TelemetryListener listener) : TelemetryListener
{
    public override void Write<TResult, TArgs>(in TelemetryEventArguments<TResult, TArgs> args)
    {
        if (args.Event.EventName is not ("PipelineExecuting" or "PipelineExecuted"))
        {
            listener.Write(args);
        }
    }
}
