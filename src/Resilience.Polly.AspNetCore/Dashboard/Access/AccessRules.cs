using System.Net;
using Microsoft.AspNetCore.Http;

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
