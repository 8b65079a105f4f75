using System.Collections.Concurrent;

namespace Resilience.Polly.Http.Requests;

/// <summary>The partition keys of addresses: scheme, host and port, such as <c>https://api.example:443</c>. Each key is built once.</summary>
internal static class AuthorityKeys
{
    // An application that calls more hosts than this builds some keys again.
    private const int Most = 4_096;

    private static readonly ConcurrentDictionary<(string Scheme, string Host, int Port), string> Known = new();

    /// <summary>The key of an address; <see langword="null"/> if it is relative or has no host.</summary>
    public static string? Of(Uri? address)
    {
        if (address is not { IsAbsoluteUri: true, Host: { Length: > 0 } host })
        {
            return null;
        }

        var authority = (address.Scheme, host, address.Port);
        if (Known.TryGetValue(authority, out var key))
        {
            return key;
        }

        if (Known.Count >= Most)
        {
            Known.Clear();
        }

        return Known[authority] = $"{address.Scheme}://{host}:{address.Port}";
    }
}
