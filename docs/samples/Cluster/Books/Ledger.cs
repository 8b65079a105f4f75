namespace Cluster;

/// <summary>The charges. It is the truth that the verdict is about.</summary>
/// <remarks>Nothing keeps it from holding two charges of an order. A unique key would, and then the verdict would say nothing about idempotency.</remarks>
internal sealed class Ledger(string folder) : IDisposable
{
    private readonly Database _database = new(Path.Combine(folder, "ledger.db"), "charges (number INTEGER PRIMARY KEY AUTOINCREMENT, order_id TEXT NOT NULL, cents INTEGER NOT NULL, made_by TEXT NOT NULL); CREATE INDEX IF NOT EXISTS charges_of_order ON charges (order_id)");

    /// <summary>Charges an order, once more each time.</summary>
    public Charge Add(Order order, string process) =>
        new((long)_database.Execute("INSERT INTO charges (order_id, cents, made_by) VALUES ($1, $2, $3) RETURNING number", order.Id, order.Cents, process)!, order.Id);

    public Charge? Find(string orderId) =>
        _database.Execute("SELECT number FROM charges WHERE order_id = $1 ORDER BY number LIMIT 1", orderId) is long number ? new(number, orderId) : null;

    public List<Charge> ReadAll() => _database.Read("SELECT number, order_id FROM charges ORDER BY number", row => new Charge(row.GetInt64(0), row.GetString(1)));

    public void Dispose() => _database.Dispose();
}
