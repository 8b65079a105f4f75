namespace Storefront;

/// <summary>Whether a page has kept its promises.</summary>
internal static class PageVerdict
{
    // The script breaks these parts for seconds, so visitors must have seen pages without them.
    private static readonly Dictionary<string, string[]> BrokenByTheScript = new()
    {
        ["feed"] = ["recommendations", "ads", "posts"],
        ["home"] = ["recommendations", "promotions", "deliveries", "balance", "notifications", "market-data", "transactions", "social-feed"],
    };

    /// <summary>The broken promises in words; empty if all were kept.</summary>
    public static IEnumerable<string> Of(Visitors page)
    {
        var answers = page.Visits.Select(visit => visit.Answer).OfType<PageAnswer>().ToList();
        (string Promise, int Exceptions)[] promises =
        [
            ("ended without a clear reason", page.Visits.Count(visit => visit.Unexplained is not null)),
            ($"came later than {page.Deadline.TotalSeconds} s, and {Visitors.Tolerance.TotalSeconds} s for a busy machine", page.Visits.Count(visit => !page.WasInTime(visit))),
            ("did not name a degraded part", answers.Count(answer => answer.Unnamed.Count > 0)),
            ("had a part degraded for no known reason", answers.Count(answer => answer.Degraded.Any(part => part.Reason is null))),
        ];
        return promises.Where(promise => promise.Exceptions > 0).Select(promise => $"{promise.Exceptions} x {page.Page} {promise.Promise}");
    }

    /// <summary>The promises that only a whole incident can keep: there were pages without each part that the script broke, and there were whole pages.</summary>
    public static IEnumerable<string> OfIncident(Visitors page)
    {
        var degraded = page.Visits.SelectMany(visit => visit.Answer?.Degraded ?? []).Select(part => part.Name);
        foreach (var part in BrokenByTheScript[page.Page].Except(degraded))
        {
            yield return $"{page.Page} was never seen without {part}";
        }

        if (!page.Visits.Any(visit => visit.Answer is { Degraded.Count: 0 }))
        {
            yield return $"{page.Page} was never seen whole";
        }
    }
}
