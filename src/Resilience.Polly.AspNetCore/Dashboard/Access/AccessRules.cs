using System.Collections.Frozen;
using System.Net;
using Microsoft.AspNetCore.Http;
using Microsoft.Net.Http.Headers;

namespace Resilience.Polly.AspNetCore.Dashboard.Access;

/// <summary>
/// Decides who may look at a dashboard. Headers cannot prove that a request is local, since a proxy on the same machine need not send any.
/// So without an authorization the dashboard answers only in the Development environment. The other rules are a second line of defence there.
/// </summary>
internal static class AccessRules
{
    private const string Start = "The dashboard has no authorization, and without one it answers ";

    /// <returns>Why the request is refused, without any text of the request; <see langword="null"/> if it is allowed.</returns>
    public static string? Refusal(HttpContext context, bool isDevelopment) =>
        EndpointAuthorization.IsGiven(context.GetEndpoint()) ? null
        : !isDevelopment ? $"{Start}in the Development environment only."
        : !IsLoopback(context.Connection.RemoteIpAddress) ? $"{Start}requests from a loopback address only." // a Unix socket or a named pipe has none
        : context.Request.Headers.Keys.Any(ForwardingHeaders.Contains) ? $"{Start}no request that a proxy has forwarded."
        : !IsLoopback(context.Request.Host) ? $"{Start}requests to localhost or a loopback address only."
        : IsForeign(context.Request) ? $"{Start}no page of another origin."
        : null;

    private static bool IsLoopback(IPAddress? address) =>
        address is not null && IPAddress.IsLoopback(address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address);

    // DNS rebinding: a site can give its own name the address of this machine. The browser then takes the dashboard for a page of that site.
    private static bool IsLoopback(HostString host) =>
        host.Host.Equals("localhost", StringComparison.OrdinalIgnoreCase)
        || host.Host.EndsWith(".localhost", StringComparison.OrdinalIgnoreCase)
        || (IPAddress.TryParse(host.Host, out var address) && IsLoopback(address));

    // An application may allow any origin by CORS. The dashboard still refuses what a developer's browser fetches for another site.
    private static bool IsForeign(HttpRequest request) =>
        (Header(request, HeaderNames.Origin) is { } origin && !origin.Equals($"{request.Scheme}://{request.Host}", StringComparison.OrdinalIgnoreCase))
        || !(Header(request, "Sec-Fetch-Site") is null or "same-origin" or "none" || IsNavigation(request));

    // The user follows a link. The site with the link cannot read the page.
    private static bool IsNavigation(HttpRequest request) =>
        Header(request, "Sec-Fetch-Mode") == "navigate" && Header(request, "Sec-Fetch-Dest") == "document";

    // Several values are joined to one, which equals no allowed value.
    private static string? Header(HttpRequest request, string name) => request.Headers.TryGetValue(name, out var values) ? values.ToString() : null;
}

/// <summary>The headers that proxies, load balancers and content networks add to a request that they forward.</summary>
internal static class ForwardingHeaders
{
    private static readonly FrozenSet<string> Names = FrozenSet.ToFrozenSet(
        [
            "Via", "CDN-Loop", "Max-Forwards", "Proxy-Connection",
            "X-Remote-Addr", "X-Scheme", "X-Host", "X-Cloud-Trace-Context", "X-Request-Start", "X-Varnish", "X-BlueCoat-Via",
        ],
        StringComparer.OrdinalIgnoreCase);

    // The middleware for forwarded headers moves the old values to X-Original-*.
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
