using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Resilience.Polly.AspNetCore.Primitives;

namespace Resilience.Polly.AspNetCore.Dashboard.Access;

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
