using Polly;
using Polly.Timeout;
using Resilience.Polly.Events;

namespace Resilience.Polly.Timeouts;

/// <summary>
/// Polly's timeout strategy, once per attempt number where attempts grow longer (guide: "Progressive timeout strategy").
/// Where the time is not known beforehand, or is shorter than Polly's own range, which begins at 10 ms, a generator gives it.
/// </summary>
internal sealed class AttemptTimeouts
{
    private static readonly TimeSpan ShortestFixed = TimeSpan.FromMilliseconds(10);

    private readonly TimeoutOptions _options;
    private readonly int _attempts;
    private readonly PipelineEvents _events;
    private readonly TimeProvider _clock;
    private readonly ResiliencePipeline[] _usual;
    private ResiliencePipeline[]? _own;

    public AttemptTimeouts(TimeoutOptions options, int attempts, PipelineEvents events, TimeProvider clock)
    {
        (_options, _attempts, _events, _clock) = (options, attempts, events, clock);
        Usual = options.Attempt ?? options.Read;
        _usual = ForEachAttempt(attempt => Create(options.ForAttempt(Usual, attempt), events, clock));
    }

    /// <summary>The timeout of an attempt whose call does not bring one of its own.</summary>
    public TimeSpan Usual { get; }

    public ResiliencePipeline For(int attempt, bool isOwn)
    {
        var byAttempt = isOwn ? _own ?? CreateOwn() : _usual;
        return byAttempt[Math.Min(attempt, byAttempt.Length) - 1];
    }

    public static ResiliencePipeline Total(TimeSpan limit, PipelineEvents events, TimeProvider clock) => Create(limit, events, clock);

    // Made with the first call that brings a timeout of its own, which most pipelines never see. Made twice by two of them at once, one is thrown away.
    private ResiliencePipeline[] CreateOwn() => _own = ForEachAttempt(attempt => Create(
        new TimeoutStrategyOptions
        {
            TimeoutGenerator = arguments => new(_options.ForAttempt(arguments.Context.Properties.GetValue(CallProperties.AttemptTimeout, Usual), attempt)),
        },
        _events,
        _clock));

    private ResiliencePipeline[] ForEachAttempt(Func<int, ResiliencePipeline> create) =>
        [.. Enumerable.Range(1, _options.ProgressiveStep > 0 ? _attempts : 1).Select(create)];

    private static ResiliencePipeline Create(TimeSpan limit, PipelineEvents events, TimeProvider clock) => Create(
        limit >= ShortestFixed && limit <= TimeoutLimits.Longest
            ? new TimeoutStrategyOptions { Timeout = limit }
            : new TimeoutStrategyOptions { TimeoutGenerator = _ => new(limit) },
        events,
        clock);

    private static ResiliencePipeline Create(TimeoutStrategyOptions options, PipelineEvents events, TimeProvider clock)
    {
        options.OnTimeout = arguments =>
        {
            events.TimedOut(arguments);
            return default;
        };
        return new ResiliencePipelineBuilder { Name = events.PipelineName, TimeProvider = clock }.AddTimeout(options).Build();
    }
}
