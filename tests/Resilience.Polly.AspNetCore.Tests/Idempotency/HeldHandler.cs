using Microsoft.AspNetCore.Http;

namespace Resilience.Polly.AspNetCore.Tests;

/// <summary>A handler that stays inside until the test ends it.</summary>
/// <param name="text">What it writes then; nothing if omitted.</param>
internal sealed class HeldHandler(string? text = null)
{
    private readonly TaskCompletionSource _isInside = new();
    private readonly TaskCompletionSource _mayEnd = new();
    private int _count;

    /// <summary>How often it was executed.</summary>
    public int Count => Volatile.Read(ref _count);

    public async Task HandleAsync(HttpContext context)
    {
        Interlocked.Increment(ref _count);
        _isInside.TrySetResult();
        await _mayEnd.Task;
        if (text is not null)
        {
            await context.Response.WriteAsync(text);
        }
    }

    /// <summary>Ends when a request is inside.</summary>
    public Task InsideAsync() => _isInside.Task.WaitAsync(IdempotencyApp.Patience);

    public void End() => _mayEnd.SetResult();
}
