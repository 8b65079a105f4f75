namespace Storefront;

/// <summary>Compares what the shop says about its checkouts with what the services booked for them.</summary>
internal sealed class Books(IReadOnlyCollection<CheckoutReport> reports, Ledger charges, Ledger orders)
{
    private readonly ILookup<string, LedgerEntry> _charges = charges.Entries.ToLookup(entry => entry.CheckoutId);
    private readonly ILookup<string, LedgerEntry> _orders = orders.Entries.ToLookup(entry => entry.CheckoutId);

    public IReadOnlyCollection<CheckoutReport> Reports => reports;

    public IEnumerable<CheckoutReport> Completed => reports.Where(report => report.Receipt is not null);

    public IEnumerable<CheckoutReport> Refused => reports.Where(report => report.Refusal is not null);

    public Ledger Charges => charges;

    /// <summary>Checkouts for which a card was charged more than once, whatever was refunded later.</summary>
    public IEnumerable<string> ChargedTwice => _charges.Where(entries => entries.Count(entry => !entry.IsReversal) > 1).Select(entries => entries.Key);

    /// <summary>What the checkout cost in the end.</summary>
    public decimal NetCharge(CheckoutReport report) => _charges[report.Id].Sum(entry => entry.IsReversal ? -entry.Amount : entry.Amount);

    public int StandingCharges(CheckoutReport report) => Standing(_charges[report.Id]);

    public int StandingOrders(CheckoutReport report) => Standing(_orders[report.Id]);

    private static int Standing(IEnumerable<LedgerEntry> entries) => entries.Sum(entry => entry.IsReversal ? -1 : 1);
}
