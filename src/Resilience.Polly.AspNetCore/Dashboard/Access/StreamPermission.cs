using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Authorization.Policy;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Http.Features.Authentication;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Resilience.Polly.AspNetCore.Primitives;

namespace Resilience.Polly.AspNetCore.Dashboard.Access;

/// <summary>Checks again and again whether the viewer of a stream is still allowed: a request is authorized once, and a stream can outlive a session.</summary>
internal sealed class StreamPermission(TimeProvider clock, ILogger logger)
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(30);

    // A ticket is valid up to and including the moment of its end.
    private static readonly TimeSpan PastEnd = TimeSpan.FromSeconds(1);

    /// <summary>Ends when the viewer is no longer allowed, or is cancelled by the token.</summary>
    public async Task UntilLostAsync(HttpContext context, CancellationToken cancellationToken)
    {
        if (context.GetEndpoint()?.Metadata.GetMetadata<IAllowAnonymous>() is not null
            || context.RequestServices.GetService<IPolicyEvaluator>() is null)
        {
            await Task.Delay(Timeout.InfiniteTimeSpan, clock, cancellationToken).ConfigureAwait(false);
        }

        do
        {
            await Task.Delay(UntilNextLook(context), clock, cancellationToken).ConfigureAwait(false);
        }
        while (await IsAllowedAsync(context).ConfigureAwait(false));
    }

    private TimeSpan UntilNextLook(HttpContext context)
    {
        var left = TicketOf(context)?.Properties.ExpiresUtc - clock.GetUtcNow();
        return left > TimeSpan.Zero && left < Interval ? left.Value + PastEnd : Interval;
    }

    private async Task<bool> IsAllowedAsync(HttpContext context)
    {
        try
        {
            return await AuthorizeAgainAsync(context).ConfigureAwait(false);
        }
        catch (Exception exception) // a check that fails gives no permission; the page reconnects and is checked like any request
        {
            Log.PermissionUnknown(logger, exception);
            return false;
        }
    }

    private static async Task<bool> AuthorizeAgainAsync(HttpContext context)
    {
        var scope = context.RequestServices.CreateAsyncScope();
        await using var _ = scope.ConfigureAwait(false);
        var again = RepeatedRequest.Of(context, scope.ServiceProvider);
        if (await PolicyOf(again).ConfigureAwait(false) is not { } policy)
        {
            return true;
        }

        if (TicketOf(context) is not null && await again.AuthenticateAsync().ConfigureAwait(false) is { } result)
        {
            again.User = result.Principal ?? new();
        }

        var evaluator = again.RequestServices.GetRequiredService<IPolicyEvaluator>();
        var authentication = await evaluator.AuthenticateAsync(policy, again).ConfigureAwait(false);
        return (await evaluator.AuthorizeAsync(policy, authentication, again, resource: again).ConfigureAwait(false)).Succeeded;
    }

    // The policy that the authorization middleware applied, which may be the fallback policy.
    private static async Task<AuthorizationPolicy?> PolicyOf(HttpContext context)
    {
        var metadata = context.GetEndpoint()!.Metadata;
        var policy = await AuthorizationPolicy.CombineAsync(
            context.RequestServices.GetRequiredService<IAuthorizationPolicyProvider>(),
            metadata.GetOrderedMetadata<IAuthorizeData>(),
            metadata.GetOrderedMetadata<AuthorizationPolicy>()).ConfigureAwait(false);
        IAuthorizationRequirement[] more = [.. metadata.GetOrderedMetadata<IAuthorizationRequirementData>().SelectMany(data => data.GetRequirements())];
        return more.Length == 0 ? policy
            : (policy is null ? new AuthorizationPolicyBuilder() : new AuthorizationPolicyBuilder(policy)).AddRequirements(more).Build();
    }

    private static AuthenticationTicket? TicketOf(HttpContext context) =>
        context.Features.Get<IAuthenticateResultFeature>()?.AuthenticateResult?.Ticket;
}

/// <summary>A copy of the request of a stream, as if it came now. Authentication keeps its first result for a request, so a second check needs a new request.</summary>
internal static class RepeatedRequest
{
    public static HttpContext Of(HttpContext context, IServiceProvider services)
    {
        // The copy reads the features of the request. It must not write to the response, which has begun.
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
