namespace Storefront;

/// <summary>What the timeline says about visits to a page.</summary>
internal static class PageLines
{
    private const string Who = "pages";

    public static void Tell(this Timeline timeline, string page, PageVisit visit)
    {
        switch (visit)
        {
            case { Answer: { } answer }:
                timeline.Count(Who, $"{page} {(visit.IsDegraded ? "degraded" : "whole")}");
                foreach (var part in answer.Degraded)
                {
                    timeline.Count("pages without", part.Name, $"the first without {part.Name}: {part.Reason ?? "for no known reason"}");
                }

                break;

            case { Refusal: { } refusal }:
                timeline.Count(Who, $"{page} refused", $"first refusal: \"{refusal.Message}\"");
                break;

            default:
                timeline.Say(Who, $"{page} failed for no known reason: {visit.Unexplained!.GetType().Name}", "red");
                break;
        }
    }
}
