using System.Collections.Concurrent;

namespace Resilience.Polly.Http.Calls;

/// <summary>The clients by name, which .NET compares with regard to case.</summary>
internal sealed class LivingClientsByName
{
    private readonly ConcurrentDictionary<string, LivingClients> _byName = new(StringComparer.Ordinal);

    public LivingClients Of(string clientName) => _byName.GetOrAdd(clientName, static _ => new());
}
