using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using Microsoft.AspNetCore.Antiforgery;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Authorization.Policy;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Resilience.Polly.AspNetCore.Dashboard.Access;
using Resilience.Polly.AspNetCore.Dashboard.Sampling;
using Resilience.Polly.AspNetCore.Primitives;

namespace Resilience.Polly.AspNetCore.Dashboard.Controls;

/// <summary>Opens and closes circuits by hand, for users that the policy allows.</summary>
internal sealed class CircuitControls(
    string policyName,
    IAuthorizationPolicyProvider policies,
    IPolicyEvaluator evaluator,
    IAntiforgery antiforgery,
    ICircuitBreakerControl circuits,
    ILogger logger)
{
    /// <exception cref="InvalidOperationException">The application lacks what the buttons need.</exception>
    public static CircuitControls Of(string policyName, IServiceProvider services, ILogger logger)
    {
        var policies = services.GetService<IAuthorizationPolicyProvider>() ?? throw Missing("AddAuthorization");
        var evaluator = services.GetService<IPolicyEvaluator>() ?? throw Missing("AddAuthorization");
        var antiforgery = services.GetService<IAntiforgery>() ?? throw Missing("AddAntiforgery");

        // A provider that loads its policies from elsewhere is checked at the first request.
        if (policies.GetPolicyAsync(policyName) is { IsCompletedSuccessfully: true, Result: null })
        {
            throw new InvalidOperationException(
                $"DashboardOptions.ControlPolicy = \"{policyName}\": there is no authorization policy of this name; add it with AddAuthorization.");
        }

        return new(policyName, policies, evaluator, antiforgery, services.GetRequiredService<ICircuitBreakerControl>(), logger);

        InvalidOperationException Missing(string method) => new(
            $"DashboardOptions.ControlPolicy = \"{policyName}\": the buttons need builder.Services.{method}().");
    }

    /// <summary>Whether the policy allows the viewer to use the buttons.</summary>
    public async Task<bool> AllowsAsync(HttpContext context)
    {
        var policy = await policies.GetPolicyAsync(policyName).ConfigureAwait(false)
            ?? throw new InvalidOperationException($"There is no authorization policy '{policyName}'.");
        var authentication = await evaluator.AuthenticateAsync(policy, context).ConfigureAwait(false);
        return (await evaluator.AuthorizeAsync(policy, authentication, context, resource: context).ConfigureAwait(false)).Succeeded;
    }

    /// <summary>Answers only users that the policy allows, even if <c>AllowAnonymous</c> on the dashboard has switched off the authorization of its endpoints.</summary>
    public RequestDelegate IfAllowed(RequestDelegate answer) => async context =>
    {
        if (await AllowsAsync(context).ConfigureAwait(false))
        {
            await answer(context).ConfigureAwait(false);
        }
        else
        {
            context.Response.StatusCode = StatusCodes.Status403Forbidden;
        }
    };

    /// <summary>The page asks for a token when a button is used, not earlier: an older token may be from before a restart.</summary>
    public Task GiveTokenAsync(HttpContext context)
    {
        var tokens = antiforgery.GetAndStoreTokens(context);
        context.Response.Headers.CacheControl = "no-store";
        return context.Response.WriteAsJsonAsync(
            new ControlToken(tokens.HeaderName!, tokens.RequestToken!), DashboardJson.Default.ControlToken, cancellationToken: context.RequestAborted);
    }

    public Task IsolateAsync(HttpContext context) => MoveAsync(context, target => circuits.Isolate(target.Pipeline, target.Duration, target.Partition), Log.Isolated);

    public Task ResetAsync(HttpContext context) => MoveAsync(context, target => circuits.Reset(target.Pipeline, target.Partition), Log.Reset);

    private async Task MoveAsync(HttpContext context, Action<Target> move, Action<ILogger, string, string> log)
    {
        var (status, message) = await antiforgery.IsRequestValidAsync(context).ConfigureAwait(false)
            ? Move(context, move, log)
            : (StatusCodes.Status400BadRequest, "The antiforgery token is missing or no longer valid.");
        context.Response.StatusCode = status;
        if (message is not null)
        {
            await context.Response.WriteAsync(message).ConfigureAwait(false);
        }
    }

    private (int Status, string? Message) Move(HttpContext context, Action<Target> move, Action<ILogger, string, string> log)
    {
        if (!Target.TryRead(context.Request.Query, out var target, out var fault))
        {
            return (StatusCodes.Status400BadRequest, fault);
        }

        try
        {
            move(target);
        }
        catch (KeyNotFoundException)
        {
            return (StatusCodes.Status404NotFound, target.Partition is null ? "There is no such pipeline." : "There is no such pipeline, or the partition is forgotten.");
        }
        catch (ArgumentOutOfRangeException refused)
        {
            return (StatusCodes.Status400BadRequest, refused.Message);
        }
        catch (InvalidOperationException refused)
        {
            return (StatusCodes.Status409Conflict, refused.Message);
        }

        log(logger, target.Partition is { } partition ? $"{target.Pipeline} ({partition})" : target.Pipeline, LogText.OneLine(context.User.Identity?.Name ?? "an unnamed user"));
        return (StatusCodes.Status204NoContent, null);
    }

    /// <summary>What a button is to move, from the query of its request.</summary>
    private readonly record struct Target(string Pipeline, string? Partition, TimeSpan? Duration)
    {
        public static bool TryRead(IQueryCollection query, out Target target, [NotNullWhen(false)] out string? fault)
        {
            var (partition, seconds) = (query["partition"], query["seconds"]);
            var duration = 0;
            fault = query["pipeline"] is not [{ Length: > 0 }] ? "The name of one pipeline is expected, as ?pipeline=name."
                : partition is not ([] or [{ Length: > 0 }]) ? "The key of one partition is expected, as &partition=key, or none."
                : seconds is not [] && !(seconds is [{ } text] && int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out duration))
                    ? "One number of seconds is expected, as &seconds=600, or none."
                : null;
            target = fault is null ? new(query["pipeline"]!, partition, seconds is [] ? null : TimeSpan.FromSeconds(duration)) : default;
            return fault is null;
        }
    }
}
