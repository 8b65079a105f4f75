namespace Cluster;

/// <summary>The orders of the shop.</summary>
internal sealed class OrderBook(string folder) : IDisposable
{
    private readonly Database _database = new(Path.Combine(folder, "orders.db"), "orders (id TEXT PRIMARY KEY, charge INTEGER)");

    /// <summary>Adds an order with its charge, if that is known. Repeating it changes nothing, so the shop may handle a request again that a killed process had begun.</summary>
    /// <returns>The order as it is in the book.</returns>
    public Confirmation Add(string orderId, long? charge) => new(
        orderId,
        _database.Execute("INSERT INTO orders (id, charge) VALUES ($1, $2) ON CONFLICT (id) DO UPDATE SET charge = coalesce(charge, excluded.charge) RETURNING charge", orderId, charge) as long?);

    public List<Confirmation> ReadAll() => _database.Read("SELECT id, charge FROM orders", row => new Confirmation(row.GetString(0), row.IsDBNull(1) ? null : row.GetInt64(1)));

    public void Dispose() => _database.Dispose();
}
