using System.Globalization;

namespace Resilience.Polly.Bulkheads.Adaptive;

/// <summary>
/// The guide's rule (guide: "Dynamic Bulkhead Sizing"): above 20 % failures half of the configured slots, below 5 % twice as many, and the configured number between.
/// </summary>
/// <remarks>
/// Alone, the rule oscillates: with few slots the dependency recovers, so the slots come back, so it fails again. Here they come back one
/// step at a time. After a step that led to failures the next one waits twice as long, for up to 32 windows.
/// </remarks>
internal sealed class ErrorRatePolicy : IConcurrencyLimitPolicy
{
    private const double Bad = 0.20;
    private const double Good = 0.05;
    private const int LongestPatience = 32;

    private State _state = new(Step.Base, Windows: 0, Patience: 1);

    private enum Step
    {
        Half,
        Base,
        Double,
    }

    public ConcurrencyDecision Decide(ConcurrencyWindow window)
    {
        var now = _state;
        var rate = window.FailureRate;
        _state = rate > Bad ? now.Fall(Step.Half, Math.Min(LongestPatience, now.Patience * 2))
            : rate >= Good && now.Step == Step.Double ? now.Fall(Step.Base, now.Patience)
            : now.Stay(highest: rate < Good ? Step.Double : Step.Base);
        return new(SlotsOf(_state.Step, window), string.Create(CultureInfo.InvariantCulture, $"{rate:P0} of {window.Attempts} attempts failed"));
    }

    private static int SlotsOf(Step step, ConcurrencyWindow window) => step switch
    {
        Step.Half => Math.Max(window.MinLimit, window.BaseLimit / 2),
        Step.Base => window.BaseLimit,
        _ => Math.Min(window.MaxLimit, window.BaseLimit * 2),
    };

    /// <param name="Step">The current step.</param>
    /// <param name="Windows">For how many windows without failures.</param>
    /// <param name="Patience">How many of them are needed to go up.</param>
    private sealed record State(Step Step, int Windows, int Patience)
    {
        // Failures at the lowest step do not lengthen the wait for the next one, which was not tried.
        public State Fall(Step to, int patience) =>
            Step == to ? this with { Windows = 0 } : new(to, 0, patience);

        public State Stay(Step highest)
        {
            var windows = Windows + 1;
            return windows < Patience ? this with { Windows = windows }
                : Step < highest ? new(Step + 1, 0, Patience)
                : new(Step, 0, Math.Max(1, Patience / 2));
        }
    }
}
