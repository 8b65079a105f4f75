using System.Globalization;
using Resilience.Polly.Primitives;

namespace Resilience.Polly.Bulkheads.Adaptive;

/// <summary>
/// Follows latency. Attempts that take longer than without a queue mean that a queue has formed at the dependency. Fewer slots drain it.
/// </summary>
/// <remarks>
/// The latency without a queue is the shortest average so far. It rises in two cases: when the bulkhead is not even half full, since then
/// it causes no queue, and by trial. If fewer slots do not help, a window with a quarter more of them shows whether latency follows.
/// If not, the dependency has become slower, and no queue has formed.
/// </remarks>
internal sealed class GradientPolicy : IConcurrencyLimitPolicy
{
    private const double Tolerance = 1.5;
    private const double Failing = 0.10;
    private const int FirstPatience = 5;
    private const int LongestPatience = 60;

    private State _state = new();

    public ConcurrencyDecision Decide(ConcurrencyWindow window)
    {
        (var decision, _state) = Next(window, _state);
        return decision;
    }

    private static (ConcurrencyDecision Decision, State State) Next(ConcurrencyWindow window, State state)
    {
        if (window.FailureRate >= Failing)
        {
            return Failed(window, state);
        }

        state = state with { Baseline = BaselineOf(window, state), Ceiling = state.Ceiling * 1.02 };
        if (state.Trial is { } before)
        {
            // A queue makes latency grow with the slots. With less than half of that growth there is no queue.
            var queued = before.Latency * (1 + (0.4 * (((double)window.Limit / before.Limit) - 1)));
            if (window.Latency >= queued)
            {
                return Decision(window, before.Limit, "more slots made it slower", state with
                {
                    Trial = null, Slow = 0, Patience = Math.Min(LongestPatience, state.Patience * 2),
                });
            }

            state = state with { Trial = null, Baseline = before.Latency, Patience = FirstPatience };
        }

        return Follow(window, state);
    }

    private static (ConcurrencyDecision Decision, State State) Failed(ConcurrencyWindow window, State state) => Decision(
        window,
        window.Limit * Math.Max(0.5, 1 - window.FailureRate),
        Percent(window.FailureRate, "of the attempts failed"),
        state with { Ceiling = window.Limit, Trial = null, Slow = 0 });

    private static (ConcurrencyDecision Decision, State State) Follow(ConcurrencyWindow window, State state)
    {
        var gradient = Tolerance * (state.Baseline / window.Latency);
        var reason = $"{Text.Of(Rounded(window.Latency))} on average, {Text.Of(Rounded(state.Baseline))} without a queue";
        if (gradient < 1)
        {
            if (state.Slow + 1 >= state.Patience)
            {
                return Decision(window, (window.Limit * 1.25) + 1, $"{reason}: tries whether more slots make it slower", state with
                {
                    Trial = new(window.Limit, window.Latency), Slow = 0,
                });
            }

            // Netflix's smoothing: a fifth of the way, with room for a queue of the root of the limit.
            var fewer = window.Limit * (0.8 + (0.2 * Math.Max(0.5, gradient))) + (0.2 * Math.Sqrt(window.Limit));
            return Decision(window, fewer, reason, state with { Slow = state.Slow + 1 });
        }

        if (!IsUsed(window))
        {
            return Decision(window, window.Limit, "less than half of the slots were in use", state with { Slow = 0 });
        }

        // Fast up to where it failed last, and slowly from there on.
        var more = window.Limit * Math.Min(1.2, gradient);
        var careful = more > 0.8 * state.Ceiling ? Math.Min(more, window.Limit + 1) : more;
        return Decision(window, careful, reason, state with { Slow = 0 });
    }

    private static TimeSpan BaselineOf(ConcurrencyWindow window, State state) =>
        state.Baseline == TimeSpan.Zero || window.Latency < state.Baseline ? window.Latency
        : IsUsed(window) ? state.Baseline
        : state.Baseline + ((window.Latency - state.Baseline) * 0.1);

    private static bool IsUsed(ConcurrencyWindow window) => window.PeakInUse >= 0.5 * window.Limit;

    private static (ConcurrencyDecision Decision, State State) Decision(ConcurrencyWindow window, double limit, string reason, State state) =>
        (new((int)Math.Clamp(Math.Round(limit), window.MinLimit, window.MaxLimit), reason), state);

    private static string Percent(double share, string of) => string.Create(CultureInfo.InvariantCulture, $"{share:P0} {of}");

    private static TimeSpan Rounded(TimeSpan latency) => TimeSpan.FromMilliseconds(Math.Round(latency.TotalMilliseconds, latency.TotalMilliseconds < 10 ? 2 : 0));

    /// <summary>A number of slots, and how long attempts took on average under it.</summary>
    private sealed record Pair(int Limit, TimeSpan Latency);

    private sealed record State
    {
        /// <summary>The latency of an attempt without a queue.</summary>
        public TimeSpan Baseline { get; init; }

        /// <summary>The number of slots at which attempts failed last. It fades slowly.</summary>
        public double Ceiling { get; init; } = double.MaxValue;

        /// <summary>For how many windows in a row attempts took too long.</summary>
        public int Slow { get; init; }

        /// <summary>How many of them lead to a trial.</summary>
        public int Patience { get; init; } = FirstPatience;

        /// <summary>The state before the current trial.</summary>
        public Pair? Trial { get; init; }
    }
}
