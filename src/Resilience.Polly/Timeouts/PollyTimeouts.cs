using System.Collections.Concurrent;
using Polly;
using Polly.Timeout;
using Resilience.Polly.Events;

namespace Resilience.Polly.Timeouts;

/// <summary>
/// Polly's timeout strategy instead of <see cref="Deadline"/>, once per attempt number if attempts grow longer (guide: "Progressive timeout strategy").
/// A generator gives the time, since it may come with the call, or be shorter than Polly's own range, which begins at 10 ms.
/// </summary>
internal sealed class PollyTimeouts(TimeoutOptions options, PipelineEvents events, TimeProvider clock)
{
    // A call may make more attempts than the settings say.
    private readonly ConcurrentDictionary<int, ResiliencePipeline> _attempts = [];

    public ResiliencePipeline? Total { get; } = options.Total is { } limit ? Create(_ => limit, events, clock) : null;

    public ResiliencePipeline ForAttempt(int attempt) => _attempts.GetOrAdd(
        options.ProgressiveStep > 0 ? attempt : 1,
        number => Create(context => options.ForAttempt(context.Properties.GetValue(CallProperties.AttemptTimeout, options.Usual), number), events, clock));

    private static ResiliencePipeline Create(Func<ResilienceContext, TimeSpan> limit, PipelineEvents events, TimeProvider clock) =>
        new ResiliencePipelineBuilder { Name = events.PipelineName, TimeProvider = clock }
            .AddTimeout(new TimeoutStrategyOptions
            {
                TimeoutGenerator = arguments => new(limit(arguments.Context)),
                OnTimeout = arguments =>
                {
                    events.TimedOut(arguments, null);
                    return default;
                },
            })
            .Build();
}
