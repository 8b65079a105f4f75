using Resilience.Polly.Events;

namespace Resilience.Polly.Bulkheads.Adaptive;

/// <summary>Owns the number of slots of one pipeline: the configured one, or the one that its policy decides on from ended attempts.</summary>
internal sealed class AdaptiveLimit
{
    private readonly Lock _deciding = new();
    private readonly Bulkhead _bulkhead;
    private readonly PipelineEvents _events;
    private readonly TimeProvider _clock;
    private AttemptWindow? _window; // none while the limit is fixed
    private BulkheadOptions _options;
    private IConcurrencyLimitPolicy? _policy; // created with the first decision, so a factory that throws breaks neither start nor reload
    private LimitChangedEvent? _lastChange;
    private bool _policyFails;

    public AdaptiveLimit(BulkheadOptions options, Bulkhead bulkhead, PipelineEvents events, TimeProvider clock)
    {
        (_options, _bulkhead, _events, _clock) = (options, bulkhead, events, clock);
        _window = NewWindow();
    }

    public LimitChangedEvent? LastChange => Volatile.Read(ref _lastChange);

    /// <summary>Puts new settings in force. The decided number stays, unless it was decided under other adaptive settings.</summary>
    public void Apply(BulkheadOptions options)
    {
        lock (_deciding)
        {
            var isSame = options.MaxConcurrency == _options.MaxConcurrency && AdaptiveBulkheadOptions.Settings.AreEqual(options.Adaptive, _options.Adaptive);
            Volatile.Write(ref _options, options);
            if (!isSame)
            {
                _policy = null;
                Volatile.Write(ref _lastChange, null);
                Volatile.Write(ref _window, NewWindow());
                if (!options.Shared)
                {
                    _bulkhead.SetLimit(options.MaxConcurrency); // otherwise the instances divide the slots
                }
            }
        }
    }

    /// <summary>Counts an attempt that has ended, and decides if it ends the window.</summary>
    public void Note(FailureKind verdict, bool isGivenUp, long startedAt)
    {
        // A call that began under other settings may find a fixed limit now.
        if (Volatile.Read(ref _window) is not { } window || startedAt < window.CountsFrom)
        {
            return;
        }

        var now = _clock.GetTimestamp();
        var elapsed = _clock.GetElapsedTime(startedAt, now);
        var evidence = window.Usual.Judge(verdict, isGivenUp, elapsed);
        if (evidence == AttemptEvidence.None)
        {
            return;
        }

        window.Count(evidence, elapsed, _bulkhead.InUse);
        var adaptive = Volatile.Read(ref _options).Adaptive;
        var duration = _clock.GetElapsedTime(window.StartedAt, now);
        if (duration < adaptive.Interval || window.Attempts < adaptive.MinimumAttempts || !_deciding.TryEnter())
        {
            return;
        }

        try
        {
            // Another thread may have just ended the window. Attempts counted in it from here on are lost.
            if (Interlocked.CompareExchange(ref _window, new(now, window.CountsFrom, window.Learn()), window) == window)
            {
                Decide(window.Read(_bulkhead.Limit, _options, duration));
            }
        }
        finally
        {
            _deciding.Exit();
        }
    }

    private static IConcurrencyLimitPolicy PolicyOf(AdaptiveBulkheadOptions options) => options switch
    {
        { CreatePolicy: { } create } => create() ?? throw new InvalidOperationException("The factory given to Bulkhead.Adaptive.Use returned null."),
        { Policy: AdaptivePolicy.ErrorRate } => new ErrorRatePolicy(),
        _ => new GradientPolicy(),
    };

    private AttemptWindow? NewWindow() => _options.Adaptive.IsOn ? BeginWindow(default) : null;

    // Only attempts that begin from now on show the effect of the new limit.
    private AttemptWindow BeginWindow(UsualLatency usual)
    {
        var now = _clock.GetTimestamp();
        return new(now, now, usual);
    }

    private void Decide(ConcurrencyWindow window)
    {
        ConcurrencyDecision decision;
        try
        {
            _policy ??= PolicyOf(_options.Adaptive);
            decision = _policy.Decide(window);
            if (decision.Limit < window.MinLimit || decision.Limit > window.MaxLimit)
            {
                throw new InvalidOperationException(
                    $"{_policy} decided on {decision.Limit} slots, allowed is {window.MinLimit} to {window.MaxLimit}.");
            }
        }
        catch (Exception exception) // the call that ends the window has nothing to do with it
        {
            if (!_policyFails)
            {
                _policyFails = true;
                _events.LimitPolicyFailed(exception); // reported once, until the policy works again
            }

            return;
        }

        _policyFails = false;
        if (decision.Limit != window.Limit)
        {
            var change = new LimitChangedEvent
            {
                PipelineName = _events.PipelineName, Partition = _events.Partition, At = _clock.GetUtcNow(), From = window.Limit, To = decision.Limit, Reason = decision.Reason,
            };
            Volatile.Write(ref _lastChange, change);
            _bulkhead.SetLimit(decision.Limit);
            Volatile.Write(ref _window, BeginWindow(_window!.Usual));
            _events.LimitChanged(change);
        }
    }
}
