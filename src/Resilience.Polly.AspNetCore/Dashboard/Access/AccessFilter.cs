using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Resilience.Polly.AspNetCore.Primitives;

namespace Resilience.Polly.AspNetCore.Dashboard.Access;

/// <summary>Stands before everything that the dashboard answers.</summary>
internal sealed class AccessFilter(bool isDevelopment, ILogger logger)
{
    // The page loads nothing from elsewhere, runs nothing inline, turns no text into a script, and cannot be framed.
    private const string ContentSecurityPolicy =
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; " +
        "base-uri 'none'; form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'";

    private int _refusals;

    public RequestDelegate Before(RequestDelegate answer) => context =>
    {
        var headers = context.Response.Headers;
        headers.ContentSecurityPolicy = ContentSecurityPolicy;
        headers.XContentTypeOptions = "nosniff";
        headers["Referrer-Policy"] = "no-referrer";
        return AccessRules.Refusal(context, isDevelopment) is { } refusal ? RefuseAsync(context, refusal) : answer(context);
    };

    // The answer says why, since the one who reads it is usually the one who sets the dashboard up.
    private Task RefuseAsync(HttpContext context, string refusal)
    {
        if (Interlocked.Increment(ref _refusals) == 1)
        {
            Log.Refused(logger, refusal); // once, since anybody could fill the log otherwise
        }

        context.Response.StatusCode = StatusCodes.Status403Forbidden;
        context.Response.ContentType = "text/plain; charset=utf-8";
        context.Response.Headers.CacheControl = "no-store";
        return context.Response.WriteAsync(refusal);
    }
}
