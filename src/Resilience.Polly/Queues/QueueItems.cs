using System.Diagnostics.CodeAnalysis;

namespace Resilience.Polly.Queues;

/// <summary>Items in a line, of which any can leave, and one that was in it can come back to where it was. Under the lock of the queue.</summary>
internal sealed class QueueItems(QueuePlace place)
{
    private readonly LinkedList<QueueItem> _items = new();

    public int Count => _items.Count;

    public IEnumerable<QueueItem> All => _items;

    public void Add(QueueItem item)
    {
        item.Place = place;
        item.Node = _items.AddLast(item);
    }

    /// <summary>Puts an item before all that have a higher number. Those that come back are near the front, so that this is a few steps.</summary>
    public void AddInOrder(QueueItem item)
    {
        var later = _items.First;
        while (later is not null && later.Value.Number < item.Number)
        {
            later = later.Next;
        }

        item.Place = place;
        item.Node = later is null ? _items.AddLast(item) : _items.AddBefore(later, item);
    }

    /// <summary>Takes an item out; false where it is not in this line.</summary>
    public bool Remove(QueueItem item)
    {
        if (item.Place != place)
        {
            return false;
        }

        _items.Remove(item.Node!);
        item.Place = QueuePlace.Gone;
        return true;
    }

    public bool TryTakeFirst([NotNullWhen(true)] out QueueItem? item)
    {
        item = _items.First?.Value;
        return item is not null && Remove(item);
    }
}
