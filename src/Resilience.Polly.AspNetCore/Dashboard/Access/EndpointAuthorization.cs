using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Http;

namespace Resilience.Polly.AspNetCore.Dashboard.Access;

/// <summary>Whether the application said on the dashboard itself, or on a group around it, who may use it.</summary>
internal static class EndpointAuthorization
{
    /// <remarks>
    /// Only what ASP.NET Core enforces counts: it refuses to run an endpoint with <see cref="IAuthorizeData"/> without the authorization
    /// middleware. A fallback policy does not count, since nothing on the endpoint says that it guards it.
    /// </remarks>
    public static bool IsGiven(Endpoint? endpoint) =>
        endpoint is not null
        && (endpoint.Metadata.GetMetadata<IAllowAnonymous>() is not null
            || endpoint.Metadata.GetOrderedMetadata<IAuthorizeData>().Any(data => data is not ButtonAuthorization));
}

/// <summary>The authorization of the buttons. It comes in addition to what guards the page, and does not take its place.</summary>
internal sealed class ButtonAuthorization(string policy) : IAuthorizeData
{
    public string? Policy { get; set; } = policy;

    public string? Roles { get; set; }

    public string? AuthenticationSchemes { get; set; }
}
