using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Resilience.Polly.AspNetCore.Primitives;

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

/// <summary>The authorization of the buttons. It applies in addition to that of the page, and does not replace it.</summary>
internal sealed class ButtonAuthorization(string policy) : IAuthorizeData
{
    public string? Policy { get; set; } = policy;

    public string? Roles { get; set; }

    public string? AuthenticationSchemes { get; set; }
}

/// <summary>Marks the endpoints of one dashboard, so that their authorization can be checked when the application starts.</summary>
internal sealed class OpenDashboard
{
    /// <summary>Warns once if the dashboard will answer no one, before a user needs the page.</summary>
    public void WarnOf(IServiceProvider services, string environment, ILogger logger)
    {
        // Conventions run when endpoints are built, so this sees a RequireAuthorization that follows, or one on a group around the dashboard.
        var open = services.GetService<EndpointDataSource>()?.Endpoints.OfType<RouteEndpoint>().FirstOrDefault(
            endpoint => endpoint.Metadata.GetMetadata<OpenDashboard>() == this && !EndpointAuthorization.IsGiven(endpoint));
        if (open is not null)
        {
            Log.AnswersNobody(logger, open.RoutePattern.RawText ?? "", environment);
        }
    }
}

/// <summary>The antiforgery token that a button must send, and its header.</summary>
internal sealed record ControlToken(string Header, string Token);
