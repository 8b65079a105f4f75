using Microsoft.AspNetCore.Http;

namespace Resilience.Polly.Clients.Tests;

/// <summary>Breaks off one answer to a poll, in the middle of the message that it carries.</summary>
internal sealed class PollCut
{
    private readonly TaskCompletionSource _done = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _armed;

    public Task Done => _done.Task;

    public void Arm() => Volatile.Write(ref _armed, 1);

    public async Task InvokeAsync(HttpContext context, RequestDelegate next)
    {
        if (!HttpMethods.IsGet(context.Request.Method))
        {
            await next(context);
            return;
        }

        var body = context.Response.Body;
        using var message = new MemoryStream();
        context.Response.Body = message;
        await next(context);
        context.Response.Body = body;
        var cuts = message.Length > 0 && Interlocked.Exchange(ref _armed, 0) == 1;
        context.Response.ContentLength = message.Length;
        await body.WriteAsync(message.GetBuffer().AsMemory(0, (int)message.Length / (cuts ? 2 : 1)));
        if (cuts)
        {
            await body.FlushAsync();
            context.Abort();
            _done.SetResult();
        }
    }
}
