using System.Net;
using Microsoft.AspNetCore.Http;
using Microsoft.Net.Http.Headers;

namespace Resilience.Polly.AspNetCore.Dashboard.Access;

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
