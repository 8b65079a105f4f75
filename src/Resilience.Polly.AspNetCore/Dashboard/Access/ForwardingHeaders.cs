using System.Collections.Frozen;

namespace Resilience.Polly.AspNetCore.Dashboard.Access;

/// <summary>The headers by which proxies, load balancers and content networks tell that they have forwarded a request.</summary>
internal static class ForwardingHeaders
{
    private static readonly FrozenSet<string> Names = FrozenSet.ToFrozenSet(
        [
            "Via", "CDN-Loop", "Max-Forwards", "Proxy-Connection",
            "X-Remote-Addr", "X-Scheme", "X-Host", "X-Cloud-Trace-Context", "X-Request-Start", "X-Varnish", "X-BlueCoat-Via",
        ],
        StringComparer.OrdinalIgnoreCase);

    // X-Original-* is what the middleware for forwarded headers leaves of those that it has taken over.
    private static readonly string[] Prefixes =
    [
        "X-Original-", "X-Client-", "X-Real-", "X-ProxyUser-", "X-Cluster-", "X-ARR-", "X-Azure-", "X-Envoy-", "X-Amzn-", "X-Amz-Cf-",
        "X-AppEngine-", "X-Akamai-", "Akamai-", "True-Client-", "CF-", "Fastly-", "Fly-", "CloudFront-",
    ];

    public static bool Contains(string name) =>
        Names.Contains(name)
        || name.Contains("Forward", StringComparison.OrdinalIgnoreCase) // Forwarded, X-Forwarded-*
        || name.EndsWith("-IP", StringComparison.OrdinalIgnoreCase) // X-Real-IP, True-Client-IP, CF-Connecting-IP
        || Array.Exists(Prefixes, prefix => name.StartsWith(prefix, StringComparison.OrdinalIgnoreCase));
}
