namespace Storefront;

/// <summary>
/// Books each request id once, so that a client may repeat a request whose answer it did not get.
/// Entries are only added, never changed. So they are evidence for the verdict: a second booking would show.
/// </summary>
internal sealed class Ledger
{
    private readonly Lock _lock = new();
    private readonly List<LedgerEntry> _entries = [];
    private readonly Dictionary<string, LedgerEntry> _booked = [];
    private readonly HashSet<string> _voided = [];

    /// <summary>Requests that got the booking of an earlier request with the same id.</summary>
    public int Repeats { get; private set; }

    /// <summary>Requests that came after their id was voided, and were refused.</summary>
    public int Blocked { get; private set; }

    public IReadOnlyList<LedgerEntry> Entries
    {
        get
        {
            lock (_lock)
            {
                return [.. _entries];
            }
        }
    }

    /// <summary>Books the request, or returns the earlier booking of its id; <see langword="null"/> if the id was voided.</summary>
    public LedgerEntry? Book(string requestId, string checkoutId, decimal amount)
    {
        lock (_lock)
        {
            if (_voided.Contains(requestId))
            {
                Blocked++;
                return null;
            }

            if (_booked.TryGetValue(requestId, out var known))
            {
                Repeats++;
                return known;
            }

            var entry = new LedgerEntry(Guid.CreateVersion7().ToString(), requestId, checkoutId, amount);
            _entries.Add(entry);
            return _booked[requestId] = entry;
        }
    }

    /// <summary>Reverses the booking of the id, and blocks the id, since the request may still be on its way.</summary>
    public void Void(string requestId)
    {
        lock (_lock)
        {
            if (_voided.Add(requestId) && _booked.TryGetValue(requestId, out var entry))
            {
                _entries.Add(entry with { IsReversal = true });
            }
        }
    }
}

/// <summary>One line of the ledger: a booking, or the reversal of one.</summary>
internal sealed record LedgerEntry(string Id, string RequestId, string CheckoutId, decimal Amount, bool IsReversal = false);
