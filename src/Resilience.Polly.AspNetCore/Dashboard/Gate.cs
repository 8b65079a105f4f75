using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Resilience.Polly.AspNetCore;

/// <summary>Stands before everything that the dashboard answers.</summary>
internal sealed class Gate(ILogger logger)
{
    // Nothing from elsewhere, nothing inline, no text that becomes a script, and nobody puts the page into a frame of theirs.
    private const string ContentSecurityPolicy =
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; " +
        "base-uri 'none'; form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'";

    private int _refusals;

    public RequestDelegate Before(RequestDelegate answer) => async context =>
    {
        var headers = context.Response.Headers;
        headers.ContentSecurityPolicy = ContentSecurityPolicy;
        headers.XContentTypeOptions = "nosniff";
        headers["Referrer-Policy"] = "no-referrer";
        if (LocalRequests.HasAuthorization(context) || LocalRequests.IsLocal(context))
        {
            await answer(context).ConfigureAwait(false);
        }
        else
        {
            await RefuseAsync(context).ConfigureAwait(false);
        }
    };

    // Says so rather than playing dead: whoever set the dashboard up is the one who is puzzled most.
    private Task RefuseAsync(HttpContext context)
    {
        if (Interlocked.Increment(ref _refusals) == 1)
        {
            Log.RefusedRemote(logger); // once, since anybody could fill the log otherwise
        }

        context.Response.StatusCode = StatusCodes.Status403Forbidden;
        context.Response.Headers.CacheControl = "no-store";
        return context.Response.WriteAsync("Without an authorization, this is shown on the machine itself only.");
    }
}
