using System.Collections.Concurrent;
using Resilience.Polly.Events;
using Resilience.Polly.SharedState;

namespace Resilience.Polly.Bulkheads.Shared;

/// <summary>The bulkheads of this instance that share their slots with others, by name.</summary>
internal sealed class SharedBulkheads : IDisposable
{
    private readonly ConcurrentDictionary<string, SharedSlotsLink> _links = new();
    private readonly ISharedBulkheadStore _store;
    private readonly ThisInstance _instance;
    private readonly IDisposable _news;

    public SharedBulkheads(ISharedBulkheadStore store, ThisInstance instance)
    {
        (_store, _instance) = (store, instance);
        _news = store.Subscribe(Hear);
    }

    /// <summary>Shares the slots of a bulkhead. It has none until the store answers.</summary>
    public SharedSlotsLink Join(string name, Bulkhead bulkhead, int maxConcurrency, PipelineEvents events)
    {
        bulkhead.SetLimit(0);
        var link = new SharedSlotsLink(name, bulkhead, maxConcurrency, events, _store, _instance);
        _links[name] = link;
        link.Renew();
        return link;
    }

    /// <summary>The bulkhead is gone, or no longer shared.</summary>
    public void Leave(SharedSlotsLink link)
    {
        _links.TryRemove(new(link.Name, link));
        _ = link.LeaveAsync();
    }

    /// <summary>Renews all leases.</summary>
    public void Renew()
    {
        foreach (var (_, link) in _links)
        {
            link.Renew();
        }
    }

    /// <summary>Gives back all slots that no call has, since this instance stops.</summary>
    public Task LeaveAsync() => Task.WhenAll(_links.Values.Select(link => link.LeaveAsync()));

    public void Dispose()
    {
        _news.Dispose();
        foreach (var (_, link) in _links)
        {
            link.Dispose();
        }
    }

    private void Hear(string name)
    {
        if (_links.TryGetValue(name, out var link))
        {
            link.Hear();
        }
    }
}
