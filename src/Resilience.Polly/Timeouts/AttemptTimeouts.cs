using Polly;
using Polly.Timeout;

namespace Resilience.Polly;

/// <summary>
/// Polly's timeout strategy, once per attempt number where attempts grow longer (guide: "Progressive timeout strategy").
/// A generator gives it the time, since Polly's own range begins at 10 ms and a call may bring a timeout of its own.
/// </summary>
internal sealed class AttemptTimeouts
{
    private readonly ResiliencePipeline[] _byAttempt;

    public AttemptTimeouts(PipelineOptions options, PipelineEvents events, TimeProvider clock)
    {
        Usual = options.Timeout.Attempt ?? options.Timeout.Read;
        var different = options.Timeout.ProgressiveStep > 0 ? options.Retry.MaxAttempts : 1;
        _byAttempt = new ResiliencePipeline[different];
        for (var attempt = 1; attempt <= different; attempt++)
        {
            var (number, timeouts) = (attempt, options.Timeout);
            _byAttempt[attempt - 1] = Create(
                context => timeouts.ForAttempt(context.Properties.GetValue(CallProperties.AttemptTimeout, Usual), number), events, clock);
        }
    }

    /// <summary>The timeout of an attempt whose call does not bring one of its own.</summary>
    public TimeSpan Usual { get; }

    public ResiliencePipeline For(int attempt) => _byAttempt[Math.Min(attempt, _byAttempt.Length) - 1];

    public static ResiliencePipeline Total(TimeSpan limit, PipelineEvents events, TimeProvider clock) => Create(_ => limit, events, clock);

    private static ResiliencePipeline Create(Func<ResilienceContext, TimeSpan> limit, PipelineEvents events, TimeProvider clock) =>
        new ResiliencePipelineBuilder { TimeProvider = clock }
            .AddTimeout(new TimeoutStrategyOptions
            {
                TimeoutGenerator = arguments => new(limit(arguments.Context)),
                OnTimeout = arguments =>
                {
                    events.TimedOut(arguments);
                    return default;
                },
            })
            .Build();
}
