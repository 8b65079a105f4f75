using System.Collections.Concurrent;
using Resilience.Polly.Events;
using Resilience.Polly.SharedState;

namespace Resilience.Polly.CircuitBreakers.Shared;

/// <summary>The circuits of this instance that are shared with others, by name. Gives each the news about it.</summary>
internal sealed class SharedCircuits : IDisposable
{
    private readonly ConcurrentDictionary<string, SharedCircuitLink> _links = new();
    private readonly ISharedCircuitStore _store;
    private readonly ThisInstance _instance;
    private readonly IDisposable _news;

    public SharedCircuits(ISharedCircuitStore store, ThisInstance instance)
    {
        (_store, _instance) = (store, instance);
        _news = store.Subscribe(Hear);
    }

    /// <summary>Shares a circuit, and takes over its state from the others.</summary>
    public SharedCircuitLink Join(string name, CircuitBreaker breaker, TimeSpan probeLapsesAfter, PipelineEvents events)
    {
        var link = new SharedCircuitLink(name, breaker, events, _store, _instance) { ProbeLapsesAfter = probeLapsesAfter };
        _links[name] = link;
        breaker.Peers = link;
        link.Sync();
        return link;
    }

    /// <summary>The circuit is no longer shared. It keeps its state.</summary>
    public void Leave(SharedCircuitLink link, CircuitBreaker breaker)
    {
        breaker.Peers = null;
        _links.TryRemove(new(link.Name, link));
    }

    /// <summary>Compares all circuits with the store: news may have been lost.</summary>
    public void Sync()
    {
        foreach (var (_, link) in _links)
        {
            link.Sync();
        }
    }

    public void Dispose() => _news.Dispose();

    private void Hear(string name, SharedCircuit news)
    {
        if (_links.TryGetValue(name, out var link))
        {
            link.Take(news);
        }
    }
}
