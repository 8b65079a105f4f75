using System.Collections.Concurrent;

namespace Resilience.Polly.Http.Calls;

/// <summary>
/// The HttpClients of one name that are alive. A handler does not see which client sends a request, and a client can be changed up to its first
/// request, in the constructor of a typed client for instance; so the limits that clients have are looked at here, when they matter.
/// </summary>
internal sealed class LivingClients
{
    // The client began to count a little earlier, and its timer may come a little late.
    private const double Slack = 0.05;

    private readonly Lock _lock = new();
    private readonly List<WeakReference<HttpClient>> _clients = [];
    private int _room = 16;

    // The likeliest to be alive, and to be the one that is asked about.
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
    /// How large a body may be: as large as the client allows that allows most. Clients of one name hardly ever differ; where they do, none is
    /// refused what it allows.
    /// </summary>
    /// <param name="needed">How much is needed, where that is known: a client that allows it ends the search.</param>
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

    /// <summary>Whether a call that has lasted so long can have been ended by the timeout of one of them.</summary>
    public bool MayHaveTimedOut(TimeSpan elapsed)
    {
        lock (_lock)
        {
            return _clients.Exists(known =>
                known.TryGetTarget(out var client) && client.Timeout != Timeout.InfiniteTimeSpan && elapsed >= client.Timeout * (1 - Slack));
        }
    }
}

/// <summary>The clients by name, which .NET compares with regard to case.</summary>
internal sealed class LivingClientsByName
{
    private readonly ConcurrentDictionary<string, LivingClients> _byName = new(StringComparer.Ordinal);

    public LivingClients Of(string clientName) => _byName.GetOrAdd(clientName, static _ => new());
}
