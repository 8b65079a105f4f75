using Polly.CircuitBreaker;
using Resilience.Polly.Primitives;

namespace Resilience.Polly.AspNetCore.Dashboard.Sampling;

/// <summary>What a pipeline shares with other instances, in a few lines for the card.</summary>
internal static class SharedTexts
{
    /// <returns>The lines; <see langword="null"/> if it shares nothing.</returns>
    public static IReadOnlyList<string>? Of(PipelineSnapshot now)
    {
        var (circuit, slots) = (now.CircuitBreaker.Shared, now.Bulkhead.Shared);
        if (circuit is null && slots is null)
        {
            return null;
        }

        List<string> lines = [];
        if (circuit is not null)
        {
            lines.Add(Circuit(circuit));
        }

        if (slots is not null)
        {
            lines.Add(Slots(slots));
        }

        if (circuit is { IsAlone: true } || slots is { IsAlone: true })
        {
            lines.Add("The shared state does not answer: this instance decides alone.");
        }

        return lines;
    }

    private static string Circuit(SharedCircuitSnapshot circuit) => circuit switch
    {
        { State: not CircuitState.Closed } => $"Circuit of all instances: {circuit.State}, by {circuit.ChangedBy}: {circuit.Reason}.",
        { Votes.Count: > 0 } => $"Circuit of all instances: Closed. Open in {NameList.Of(circuit.Votes)} only.",
        _ => "Circuit of all instances: Closed.",
    };

    private static string Slots(SharedBulkheadSnapshot slots)
    {
        var held = slots.ByInstance.OrderBy(one => one.Key, StringComparer.Ordinal).Select(one => $"{one.Key} {one.Value}");
        return $"Slots of all instances: {slots.MaxConcurrency}{(slots.ByInstance.Count == 0 ? "" : $", held by {NameList.Of(held)}")}.";
    }
}
