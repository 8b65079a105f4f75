using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Http.Features.Authentication;

namespace Resilience.Polly.AspNetCore.Dashboard.Access;

/// <summary>The request of a stream as if it came now. Authentication keeps its first result for a request, so a second look needs a new one.</summary>
internal static class RepeatedRequest
{
    public static HttpContext Of(HttpContext context, IServiceProvider services)
    {
        // Reads what the request has, and keeps what is written away from it: its response has begun.
        var features = new FeatureCollection(context.Features);
        features.Set<IItemsFeature>(new ItemsFeature());
        features.Set<IHttpResponseFeature>(new HttpResponseFeature());
        features.Set<IHttpResponseBodyFeature>(new StreamResponseBodyFeature(Stream.Null));
        features.Set<IResponseCookiesFeature>(new ResponseCookiesFeature(features));
        features.Set<IHttpAuthenticationFeature>(new HttpAuthenticationFeature { User = context.User });
        features.Set<IAuthenticateResultFeature>(new NoResult());
        features.Set<IServiceProvidersFeature>(new ServiceProvidersFeature { RequestServices = services });
        return new DefaultHttpContext(features);
    }

    private sealed class NoResult : IAuthenticateResultFeature
    {
        public AuthenticateResult? AuthenticateResult { get; set; }
    }
}
