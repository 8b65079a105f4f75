namespace Storefront;

/// <summary>Whether the shop has kept its promises. It reads the books after the last change.</summary>
internal static class Verdict
{
    /// <summary>The broken promises in words; empty if all were kept.</summary>
    public static IReadOnlyList<string> Of(Books books)
    {
        var broken = new List<string>();
        Expect("no checkout was completed", books.Completed.Any() ? 0 : 1);
        Expect("checkouts ended without a clear reason", books.Reports.Count(report => report.Unexplained is not null));
        Expect("checkouts were charged twice", books.ChargedTwice.Count());
        Expect("completed checkouts do not have exactly one charge, of their total", books.Completed.Count(report =>
            books.StandingCharges(report) != 1 || books.NetCharge(report) != report.Receipt!.Total));
        Expect("completed checkouts do not have exactly one order", books.Completed.Count(report => books.StandingOrders(report) != 1));
        Expect("refused checkouts have paid", books.Refused.Count(report => books.NetCharge(report) != 0));
        Expect("refused checkouts have an order", books.Refused.Count(report => books.StandingOrders(report) != 0));
        return broken;

        void Expect(string promise, int exceptions)
        {
            if (exceptions > 0)
            {
                broken.Add($"{exceptions} x {promise}");
            }
        }
    }

    /// <summary>The promise that only a whole incident can keep.</summary>
    public static IReadOnlyList<string> Of(CircuitWitness payments) =>
        !payments.Opened ? ["the payments circuit was not seen to open"]
        : !payments.ClosedAgain ? ["the payments circuit was not seen to close again"]
        : [];
}
