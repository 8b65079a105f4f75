using Resilience.Polly;

namespace Storefront;

/// <summary>How one visit to a page ended: with an answer, with a refusal, or with an unexpected failure, which must not happen.</summary>
internal sealed record PageVisit(TimeSpan Took, PageAnswer? Answer = null, ApiConnectionException? Refusal = null, Exception? Unexplained = null)
{
    public bool IsDegraded => Answer is { Degraded.Count: > 0 };
}

/// <summary>What a visit remembers of an answer.</summary>
/// <param name="Degraded">The parts that the answer named as degraded.</param>
/// <param name="Unnamed">The parts that it did not name but should have.</param>
internal sealed record PageAnswer(IReadOnlyList<DegradedPart> Degraded, IReadOnlyList<string> Unnamed)
{
    public static PageAnswer Of(Page page) => new(
        [.. page.Parts.Where(part => page.Degraded.Contains(part.Name)).Select(part => new DegradedPart(part.Name, FailureText.Short(part.Failure)))],
        [.. page.StandIns.Except(page.Degraded)]);
}

/// <summary>A part that an answer named as degraded.</summary>
/// <param name="Name">The part.</param>
/// <param name="Reason">Why it is degraded, or <see langword="null"/> if the reason is unknown.</param>
internal sealed record DegradedPart(string Name, string? Reason);
