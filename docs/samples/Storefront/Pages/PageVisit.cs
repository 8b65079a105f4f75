using Resilience.Polly;

namespace Storefront;

/// <summary>How one visit to a page ended: with an answer, with a refusal, or - which must not happen - with a failure that nobody expected.</summary>
internal sealed record PageVisit(TimeSpan Took, PageAnswer? Answer = null, ApiConnectionException? Refusal = null, Exception? Unexplained = null)
{
    public bool IsDegraded => Answer is { Degraded.Count: > 0 };
}

/// <summary>What is remembered of an answer.</summary>
/// <param name="Degraded">The parts that it named as degraded.</param>
/// <param name="Unnamed">The parts that it should have named.</param>
internal sealed record PageAnswer(IReadOnlyList<DegradedPart> Degraded, IReadOnlyList<string> Unnamed)
{
    public static PageAnswer Of(Page page) => new(
        [.. page.Parts.Where(part => page.Degraded.Contains(part.Name)).Select(part => new DegradedPart(part.Name, FailureText.Short(part.Failure)))],
        [.. page.StandIns.Except(page.Degraded)]);
}

/// <summary>A part that an answer named as degraded.</summary>
/// <param name="Name">The part.</param>
/// <param name="Reason">Why it is so, or <see langword="null"/> for no known reason.</param>
internal sealed record DegradedPart(string Name, string? Reason);
