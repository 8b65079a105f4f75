using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Logging;
using Resilience.Polly.AspNetCore.Dashboard.Access;
using Resilience.Polly.AspNetCore.Primitives;

namespace Resilience.Polly.AspNetCore.Dashboard.Streaming;

/// <summary>Sends the samples to one page as server-sent events, as long as the page reads.</summary>
/// <remarks>Sends every tick, even if nothing has changed: the ticks show the page that the stream is alive.</remarks>
internal sealed class StreamEndpoint(Sampler sampler, StreamPermission permission, ILogger logger, CancellationToken stopping)
{
    private const string SecondsUntilRetry = "10";

    public async Task HandleAsync(HttpContext context)
    {
        if (sampler.TryJoin() is not { } viewer)
        {
            context.Response.StatusCode = StatusCodes.Status503ServiceUnavailable;
            context.Response.Headers.RetryAfter = SecondsUntilRetry;
            await context.Response.WriteAsync("The dashboard already has as many pages open as it allows.").ConfigureAwait(false);
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
            await guarding.ConfigureAwait(false); // it uses the request, which ends with this method
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
        headers.ContentEncoding = "identity"; // so that no middleware compresses: compression waits for more data
        headers["X-Accel-Buffering"] = "no";
        context.Features.Get<IHttpResponseBodyFeature>()?.DisableBuffering();
    }

    private void End(HttpContext context, StreamClient viewer)
    {
        if (viewer.Dropped.IsCancellationRequested && !stopping.IsCancellationRequested && !context.RequestAborted.IsCancellationRequested)
        {
            Log.ViewerDropped(logger);

            // The frames already written wait for a page that does not read.
            context.Abort();
        }
    }
}
