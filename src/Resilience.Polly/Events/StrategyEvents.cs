using Polly.Telemetry;

namespace Resilience.Polly.Events;

/// <summary>
/// Passes on what Polly's strategies report by themselves. What the pipeline reports that they need around them is left out:
/// it is none that anybody has configured.
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
