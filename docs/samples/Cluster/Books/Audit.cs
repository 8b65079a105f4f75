namespace Cluster;

/// <summary>Compares what clients were told with the ledger and the orders of the shop.</summary>
/// <param name="purchases">The journals of the clients.</param>
/// <param name="charges">The ledger.</param>
/// <param name="orders">The orders of the shop.</param>
internal sealed class Audit(IReadOnlyList<Purchase> purchases, IReadOnlyList<Charge> charges, IReadOnlyList<Confirmation> orders)
{
    private readonly ILookup<string, long> _charges = charges.ToLookup(charge => charge.OrderId, charge => charge.Number);
    private readonly Dictionary<string, long?> _orders = orders.ToDictionary(order => order.OrderId, order => order.Charge);

    public int Checkouts => purchases.Count;

    public int Charges => charges.Count;

    public int Confirmed => Count(Ending.Confirmed);

    public int Unknown => Count(Ending.Unknown);

    public int UnknownAndCharged => purchases.Count(purchase => purchase.Ending == Ending.Unknown && IsCharged(purchase));

    public int AskedTwice => purchases.Count(purchase => purchase.Charges.Count > 1);

    /// <summary>Orders that were charged more than once.</summary>
    public IEnumerable<string> ChargedTwice => _charges.Where(order => order.Count() > 1).Select(order => order.Key);

    /// <summary>Orders that were confirmed, and are not in the ledger or not in the book of the shop with that charge.</summary>
    public IEnumerable<string> Lost => purchases
        .Where(purchase => purchase.Charges.Any(number => !_charges[purchase.Order.Id].Contains(number) || _orders.GetValueOrDefault(purchase.Order.Id) != number))
        .Select(purchase => purchase.Order.Id);

    /// <summary>Orders that were charged, and whose client was told neither that nor that it is unknown.</summary>
    public IEnumerable<string> Silent => _charges.Select(order => order.Key).Except(purchases.Where(purchase => purchase.Ending is Ending.Confirmed or Ending.Unknown).Select(purchase => purchase.Order.Id));

    /// <summary>Orders whose client got another answer than one of the two.</summary>
    public IEnumerable<string> Failed => purchases.Where(purchase => purchase.Ending == Ending.Failed).Select(purchase => purchase.Order.Id);

    /// <summary>Orders that have no answer, although there was time for it.</summary>
    public IEnumerable<string> Unanswered => purchases.Where(purchase => purchase.Ending == Ending.Open).Select(purchase => purchase.Order.Id);

    /// <summary>What must not be, one line for each kind.</summary>
    public IEnumerable<string> Broken() => new (string What, IEnumerable<string> Orders)[]
    {
        ("charged twice", ChargedTwice),
        ("confirmed and lost", Lost),
        ("charged without a word to the client", Silent),
        ("answered with an error", Failed),
        ("without an answer", Unanswered),
    }.Select(kind => (kind.What, Orders: kind.Orders.ToArray())).Where(kind => kind.Orders.Length > 0)
        .Select(kind => $"{kind.Orders.Length} {kind.What}: {string.Join(", ", kind.Orders.Take(5))}{(kind.Orders.Length > 5 ? ", ..." : "")}");

    private bool IsCharged(Purchase purchase) => _charges.Contains(purchase.Order.Id);

    private int Count(Ending ending) => purchases.Count(purchase => purchase.Ending == ending);
}
