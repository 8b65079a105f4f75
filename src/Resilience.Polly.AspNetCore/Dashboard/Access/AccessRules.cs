using System.Collections.Frozen;
using System.Net;
using Microsoft.AspNetCore.Http;
using Microsoft.Net.Http.Headers;

namespace Resilience.Polly.AspNetCore.Dashboard.Access;

/// <summary>
/// Decides who may look at a dashboard. Headers cannot prove that a request is local, since a proxy on the same machine need not send any.
/// So without an authorization only the Development environment is served, where the other rules are a second line.
/// </summary>
internal static class AccessRules
{
    public static AccessRefusal Decide(AccessRequest request) =>
        request.HasAuthorization ? AccessRefusal.None
        : !request.IsDevelopment ? AccessRefusal.NotDevelopment
        : !IsLoopback(request.Remote) ? AccessRefusal.NotLocal
        : request.Headers.Keys.Any(ForwardingHeaders.Contains) ? AccessRefusal.Forwarded
        : !IsLoopback(request.Host) ? AccessRefusal.ForeignHost
        : IsForeign(request) ? AccessRefusal.ForeignSite
        : AccessRefusal.None;

    private static bool IsLoopback(IPAddress? address) =>
        address is not null && IPAddress.IsLoopback(address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address);

    // DNS rebinding: a site can give its own name the address of this machine. The browser then takes the dashboard for a page of that site.
    private static bool IsLoopback(HostString host) =>
        host.Host.Equals("localhost", StringComparison.OrdinalIgnoreCase)
        || host.Host.EndsWith(".localhost", StringComparison.OrdinalIgnoreCase)
        || (IPAddress.TryParse(host.Host, out var address) && IsLoopback(address));

    // An application may allow any origin by CORS. What a developer's browser fetches for another site is refused all the same.
    private static bool IsForeign(AccessRequest request) =>
        (request.Origin is { } origin && !origin.Equals($"{request.Scheme}://{request.Host}", StringComparison.OrdinalIgnoreCase))
        || !(request.FetchSite is null or "same-origin" or "none" || IsNavigation(request));

    // The user follows a link, and the site that has the link sees nothing of the page.
    private static bool IsNavigation(AccessRequest request) => request is { FetchMode: "navigate", FetchDestination: "document" };
}

/// <summary>The facts of a request that decide whether a dashboard answers it.</summary>
/// <param name="HasAuthorization">Whether the endpoint itself says who may use it.</param>
/// <param name="IsDevelopment">Whether the application runs in the Development environment.</param>
/// <param name="Remote">The address that the connection comes from; none for a Unix socket or a named pipe.</param>
/// <param name="Scheme">The scheme of the request.</param>
/// <param name="Host">The <c>Host</c> of the request.</param>
/// <param name="Headers">The headers of the request.</param>
internal sealed record AccessRequest(
    bool HasAuthorization, bool IsDevelopment, IPAddress? Remote, string Scheme, HostString Host, IHeaderDictionary Headers)
{
    public string? Origin => Header(HeaderNames.Origin);

    public string? FetchSite => Header("Sec-Fetch-Site");

    public string? FetchMode => Header("Sec-Fetch-Mode");

    public string? FetchDestination => Header("Sec-Fetch-Dest");

    public static AccessRequest Of(HttpContext context, bool isDevelopment) => new(
        EndpointAuthorization.IsGiven(context.GetEndpoint()),
        isDevelopment,
        context.Connection.RemoteIpAddress,
        context.Request.Scheme,
        context.Request.Host,
        context.Request.Headers);

    // Several values become one that equals nothing allowed.
    private string? Header(string name) => Headers.TryGetValue(name, out var values) ? values.ToString() : null;
}

/// <summary>Why a dashboard without an authorization of its own does not answer a request.</summary>
internal enum AccessRefusal
{
    None,
    NotDevelopment,
    NotLocal,
    Forwarded,
    ForeignHost,
    ForeignSite,
}

internal static class AccessRefusals
{
    /// <summary>The reason in plain words. No sentence repeats anything of the request.</summary>
    public static string Reason(this AccessRefusal refusal) => refusal switch
    {
        AccessRefusal.NotDevelopment => "The dashboard has no authorization, and without one it answers in the Development environment only.",
        AccessRefusal.NotLocal => "The dashboard has no authorization, and without one it answers requests from a loopback address only.",
        AccessRefusal.Forwarded => "The dashboard has no authorization, and without one it answers no request that a proxy has forwarded.",
        AccessRefusal.ForeignHost => "The dashboard has no authorization, and without one it answers requests to localhost or a loopback address only.",
        AccessRefusal.ForeignSite => "The dashboard has no authorization, and without one it answers no page of another origin.",
        _ => "",
    };
}

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
