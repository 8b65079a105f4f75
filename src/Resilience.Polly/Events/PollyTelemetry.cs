using System.Diagnostics.CodeAnalysis;
using Polly;
using Polly.Telemetry;

namespace Resilience.Polly.Events;

/// <summary>
/// Polly's own reporting handles, one per strategy name. A strategy that rejects calls has its name from <see cref="RejectedBy"/>. Polly hands handles
/// out only to strategies that are being built, so a builder with the telemetry of the application is asked for strategies that do nothing.
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

    /// <summary>The handle of a strategy that rejects calls.</summary>
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
