using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Resilience.Polly.AspNetCore.Primitives;

namespace Resilience.Polly.AspNetCore.Dashboard.Access;

/// <summary>Checks every request to the dashboard before it is answered.</summary>
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

    // The answer gives the reason, since its reader is usually the one who sets up the dashboard.
    private Task RefuseAsync(HttpContext context, string refusal)
    {
        if (Interlocked.Increment(ref _refusals) == 1)
        {
            Log.Refused(logger, refusal); // once: otherwise anyone could fill the log
        }

        context.Response.StatusCode = StatusCodes.Status403Forbidden;
        context.Response.ContentType = "text/plain; charset=utf-8";
        context.Response.Headers.CacheControl = "no-store";
        return context.Response.WriteAsync(refusal);
    }
}
