using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Resilience.Polly.AspNetCore.Primitives;

namespace Resilience.Polly.AspNetCore.Dashboard.Access;

/// <summary>Stands before everything that the dashboard answers.</summary>
internal sealed class Gate(bool isDevelopment, ILogger logger)
{
    // Nothing from elsewhere, nothing inline, no text that becomes a script, and nobody puts the page into a frame of theirs.
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

    // Says so rather than playing dead: whoever set the dashboard up is the one who is puzzled most.
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
