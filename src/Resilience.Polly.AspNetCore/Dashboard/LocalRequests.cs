using System.Net;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Http;

namespace Resilience.Polly.AspNetCore;

/// <summary>Who may look at a dashboard that has no authorization: whoever sits at this machine.</summary>
internal static class LocalRequests
{
    // Also those that the middleware for forwarded headers leaves behind when it has taken over the others.
    private static readonly string[] SignsOfForwarding =
    [
        "Forwarded", "Via", "X-Real-IP",
        "X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Proto", "X-Forwarded-Prefix",
        "X-Original-For", "X-Original-Host", "X-Original-Proto", "X-Original-Prefix",
    ];

    /// <summary>Whether the endpoint itself says who may use it; <c>AllowAnonymous</c> says so too.</summary>
    public static bool HasAuthorization(HttpContext context) =>
        context.GetEndpoint()?.Metadata is { } metadata
        && (metadata.GetMetadata<IAuthorizeData>() ?? metadata.GetMetadata<AuthorizationPolicy>() ?? (object?)metadata.GetMetadata<IAllowAnonymous>()) is not null;

    public static bool IsLocal(HttpContext context) =>
        IsLocal(context.Connection.RemoteIpAddress)
        && IsLocal(context.Request.Host)
        && !SignsOfForwarding.Any(context.Request.Headers.ContainsKey);

    // A request without an address came over no network: from inside the process, or through a socket of this machine.
    private static bool IsLocal(IPAddress? address) =>
        address is null || IPAddress.IsLoopback(address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address);

    // A page of any site can give its own name the address of this machine, and would then read the dashboard from the browser of whoever sits here.
    private static bool IsLocal(HostString host) =>
        host.Host.Equals("localhost", StringComparison.OrdinalIgnoreCase)
        || host.Host.EndsWith(".localhost", StringComparison.OrdinalIgnoreCase)
        || (IPAddress.TryParse(host.Host, out var address) && IPAddress.IsLoopback(address));
}
