namespace Storefront;

/// <summary>What the timeline says about checkouts.</summary>
internal static class CheckoutLines
{
    private const string Who = "checkouts";

    public static void Tell(this Timeline timeline, CheckoutReport report)
    {
        switch (report)
        {
            case { Receipt: { } receipt }:
                timeline.Count(Who, report.IsDegraded ? "degraded" : "completed");
                Tell(timeline, receipt);
                break;

            case { Refusal: { } refusal }:
                timeline.Count(Who, $"refused ({refusal.Short()})", $"first refusal: \"{refusal.Text()}\"");
                break;

            default:
                timeline.Say(Who, $"failed for no known reason: {report.Unexplained!.GetType().Name}", "red");
                break;
        }
    }

    private static void Tell(Timeline timeline, Receipt receipt)
    {
        foreach (var warning in receipt.Warnings)
        {
            timeline.Count("warnings", warning.Short(), $"first warning: \"{warning.Text()}\"");
        }

        if (receipt.HasPlainRecommendations)
        {
            timeline.Count("extras", "popular products instead of recommendations", "first receipt with popular products instead of recommendations");
        }

        if (receipt.HasNoAds)
        {
            timeline.Count("extras", "without ads", "first receipt without ads");
        }
    }
}
