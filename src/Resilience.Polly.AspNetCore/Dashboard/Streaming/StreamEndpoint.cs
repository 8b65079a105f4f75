using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Logging;
using Resilience.Polly.AspNetCore.Dashboard.Access;
using Resilience.Polly.AspNetCore.Primitives;

namespace Resilience.Polly.AspNetCore.Dashboard.Streaming;

/// <summary>Sends what the sampler sees to one page, as server-sent events, for as long as the page reads.</summary>
/// <remarks>Every tick is sent, also when nothing has changed: it is the heartbeat by which the page knows that the stream lives.</remarks>
internal sealed class StreamEndpoint(Sampler sampler, StreamPermission permission, ILogger logger, CancellationToken stopping)
{
    private const string SecondsUntilRetry = "10";

    public async Task HandleAsync(HttpContext context)
    {
        if (sampler.TryJoin() is not { } viewer)
        {
            context.Response.StatusCode = StatusCodes.Status503ServiceUnavailable;
            context.Response.Headers.RetryAfter = SecondsUntilRetry;
            await context.Response.WriteAsync("As many pages as allowed are looking already.").ConfigureAwait(false);
            return;
        }

        using var ending = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted, viewer.Dropped, stopping);
        var guarding = EndWhenLostAsync(context, ending);
        try
        {
            Prepare(context);
            await viewer.WriteToAsync(context.Response.BodyWriter, ending.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (ending.IsCancellationRequested)
        {
            End(context, viewer);
        }
        finally
        {
            sampler.Leave(viewer);
            await ending.CancelAsync().ConfigureAwait(false);
            await guarding.ConfigureAwait(false); // it looks at the request, which is over with this method
        }
    }

    private async Task EndWhenLostAsync(HttpContext context, CancellationTokenSource ending)
    {
        try
        {
            await permission.UntilLostAsync(context, ending.Token).ConfigureAwait(false);
            Log.PermissionLost(logger);
            await ending.CancelAsync().ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (ending.IsCancellationRequested)
        {
            // The stream ended before.
        }
    }

    private static void Prepare(HttpContext context)
    {
        var headers = context.Response.Headers;
        context.Response.ContentType = "text/event-stream";
        headers.CacheControl = "no-store";
        headers.ContentEncoding = "identity"; // so that no middleware compresses, which waits for more
        headers["X-Accel-Buffering"] = "no";
        context.Features.Get<IHttpResponseBodyFeature>()?.DisableBuffering();
    }

    private void End(HttpContext context, StreamClient viewer)
    {
        if (viewer.Dropped.IsCancellationRequested && !stopping.IsCancellationRequested && !context.RequestAborted.IsCancellationRequested)
        {
            Log.ViewerDropped(logger);

            // What is written already waits for a reader who does not read.
            context.Abort();
        }
    }
}
