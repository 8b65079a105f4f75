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

/// <summary>The authorization of the buttons. It comes in addition to what guards the page, and does not take its place.</summary>
internal sealed class ButtonAuthorization(string policy) : IAuthorizeData
{
    public string? Policy { get; set; } = policy;

    public string? Roles { get; set; }

    public string? AuthenticationSchemes { get; set; }
}

/// <summary>Marks the endpoints of one dashboard, to look at what the application has said about them when it starts.</summary>
internal sealed class OpenDashboard
{
    /// <summary>Warns once where nobody will be answered, so that it is noticed before somebody needs the page.</summary>
    public void WarnOf(IServiceProvider services, string environment, ILogger logger)
    {
        // Conventions are called when endpoints are built, so that a RequireAuthorization further down, or on a group around, is seen here.
        var open = services.GetService<EndpointDataSource>()?.Endpoints.OfType<RouteEndpoint>().FirstOrDefault(
            endpoint => endpoint.Metadata.GetMetadata<OpenDashboard>() == this && !EndpointAuthorization.IsGiven(endpoint));
        if (open is not null)
        {
            Log.AnswersNobody(logger, open.RoutePattern.RawText ?? "", environment);
        }
    }
}

/// <summary>What a page must send along to move a circuit, and in which header.</summary>
internal sealed record ControlToken(string Header, string Token);
