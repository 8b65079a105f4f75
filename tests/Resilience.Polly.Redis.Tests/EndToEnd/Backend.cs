using System.Collections.Concurrent;
using System.Globalization;
using System.Text;
using Microsoft.AspNetCore.Http;

namespace Resilience.Polly.Redis.Tests.EndToEnd;

/// <summary>What the processes of a test call: it sees every effect, in order, and answers as the test says.</summary>
internal sealed class Backend : IAsyncDisposable
{
    private WebServer _server = null!;
    private int _calls;

    private Backend()
    {
    }

    public Uri Address => _server.Address;

    /// <summary>All calls that came.</summary>
    public ConcurrentQueue<BackendCall> Calls { get; } = [];

    /// <summary>How many came.</summary>
    public int Count => Volatile.Read(ref _calls);

    /// <summary>Gives the status of the answer to a call.</summary>
    public Func<BackendCall, Task<int>> Answer { get; set; } = static _ => Task.FromResult(200);

    public static async Task<Backend> StartAsync()
    {
        var backend = new Backend();
        backend._server = await WebServer.StartAsync(backend.AnswerAsync);
        return backend;
    }

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    private async Task AnswerAsync(HttpContext context)
    {
        var call = new BackendCall(
            Interlocked.Increment(ref _calls), context.Request.Query["by"].ToString(), context.Request.Query["order"].ToString(), TimeProvider.System.GetTimestamp(), context.RequestAborted);
        Calls.Enqueue(call);
        context.Response.StatusCode = await Answer(call);
        await context.Response.Body.WriteAsync(Encoding.UTF8.GetBytes(call.Number.ToString(CultureInfo.InvariantCulture)));
    }
}

/// <param name="Number">Its number, from 1.</param>
/// <param name="By">The instance that makes it.</param>
/// <param name="Order">The order, if it executes one.</param>
/// <param name="At">When it came.</param>
/// <param name="Aborted">Ends with its caller.</param>
internal sealed record BackendCall(int Number, string By, string Order, long At, CancellationToken Aborted);
