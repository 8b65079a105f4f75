using System.Collections.Concurrent;

namespace Resilience.Polly.Http.Calls;

/// <summary>
/// The living HttpClients of one name. A handler does not see which client sends a request, and a client can be changed up to its first
/// request, for example in the constructor of a typed client. So this class reads the limits of clients only when they matter.
/// </summary>
internal sealed class LivingClients
{
    // The client began to count a little earlier, and its timer may fire a little late.
    private const double Slack = 0.05;

    private readonly Lock _lock = new();
    private readonly List<WeakReference<HttpClient>> _clients = [];
    private int _room = 16;

    // Most likely alive, and most likely the one in question.
    private volatile WeakReference<HttpClient>? _latest;

    public void Add(HttpClient client)
    {
        lock (_lock)
        {
            if (_clients.Count == _room)
            {
                _clients.RemoveAll(known => !known.TryGetTarget(out _));
                _room = Math.Max(16, _clients.Count * 2);
            }

            _latest = new(client);
            _clients.Add(_latest);
        }
    }

    /// <summary>
    /// How large a body may be: the largest limit of all clients. Clients of one name hardly ever differ. If they do, no client refuses
    /// a body that it allows.
    /// </summary>
    /// <param name="needed">The needed size, if known: a client that allows it ends the search.</param>
    public long BufferSize(long needed = int.MaxValue)
    {
        if (_latest is { } latest && latest.TryGetTarget(out var likely) && likely.MaxResponseContentBufferSize >= needed)
        {
            return likely.MaxResponseContentBufferSize;
        }

        long? most = null;
        lock (_lock)
        {
            for (var i = _clients.Count - 1; i >= 0 && !(most >= needed); i--)
            {
                if (_clients[i].TryGetTarget(out var client))
                {
                    most = Math.Max(most ?? 0, client.MaxResponseContentBufferSize);
                }
            }
        }

        return most ?? int.MaxValue;
    }

    /// <summary>Whether the timeout of one of them can have ended a call of this duration.</summary>
    public bool MayHaveTimedOut(TimeSpan elapsed)
    {
        lock (_lock)
        {
            return _clients.Exists(known =>
                known.TryGetTarget(out var client) && client.Timeout != Timeout.InfiniteTimeSpan && elapsed >= client.Timeout * (1 - Slack));
        }
    }
}

/// <summary>The clients by name. .NET compares these names with regard to case.</summary>
internal sealed class LivingClientsByName
{
    private readonly ConcurrentDictionary<string, LivingClients> _byName = new(StringComparer.Ordinal);

    public LivingClients Of(string clientName) => _byName.GetOrAdd(clientName, static _ => new());
}
