namespace Storefront;

/// <summary>Applies the fault that was drawn for a request, on the server's side of a real connection.</summary>
internal static class FaultMiddleware
{
    public static async Task InvokeAsync(HttpContext context, RequestDelegate next, FaultSwitch faults)
    {
        var fault = faults.Draw();
        switch (fault?.Kind)
        {
            case FaultKind.Delay:
                await DelayAsync(context, fault.Delay);
                await next(context);
                break;

            case FaultKind.Hang:
                await Task.Delay(Timeout.Infinite, context.RequestAborted).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                break;

            case FaultKind.Unavailable:
                context.Response.StatusCode = StatusCodes.Status503ServiceUnavailable;
                break;

            case FaultKind.Reset:
                context.Abort();
                break;

            case FaultKind.AnswerLost:
                context.Response.Body = Stream.Null;
                await next(context);
                context.Abort();
                break;

            default:
                await next(context);
                break;
        }
    }

    /// <summary>
    /// Waits like a busy server: it has the whole request and will work on it, and does not notice that the client went away.
    /// That is how a charge can arrive after its checkout was refused.
    /// </summary>
    private static async Task DelayAsync(HttpContext context, TimeSpan longest)
    {
        context.Request.EnableBuffering();
        await context.Request.Body.CopyToAsync(Stream.Null);
        context.Request.Body.Position = 0;
        context.RequestAborted = CancellationToken.None;
        await Task.Delay(longest * (0.5 + (Random.Shared.NextDouble() / 2)));
    }
}
