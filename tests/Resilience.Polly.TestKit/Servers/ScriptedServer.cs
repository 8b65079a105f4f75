using System.Collections.Concurrent;

namespace Resilience.Polly.TestKit;

/// <summary>A real HTTP/1.1 server on loopback whose every answer a test scripts, and which remembers what it was asked.</summary>
public sealed class ScriptedServer : IAsyncDisposable
{
    private readonly ConcurrentQueue<SeenRequest> _requests = new();
    private readonly Func<SeenRequest, int, Reply> _script;
    private readonly LoopbackListener _listener;
    private int _count;

    /// <summary>One reply per request, the last one again and again.</summary>
    public ScriptedServer(params Reply[] script)
        : this((_, number) => script[Math.Min(number, script.Length) - 1])
    {
    }

    /// <param name="script">The reply to a request, by what it is and by its number from 1.</param>
    public ScriptedServer(Func<SeenRequest, int, Reply> script)
    {
        _script = script;
        _listener = new LoopbackListener(ServeAsync);
        Address = new Uri($"http://127.0.0.1:{_listener.Port}/");
    }

    public Uri Address { get; }

    /// <summary>Where https finds nobody who speaks TLS.</summary>
    public Uri SilentTlsAddress => new($"https://127.0.0.1:{_listener.Port}/");

    public int Connections => _listener.Connections;

    public int Open => _listener.Open;

    /// <summary>The requests whose heads have come, in that order.</summary>
    public IReadOnlyCollection<SeenRequest> Requests => _requests;

    public SeenRequest Only => _requests.Single();

    public ValueTask DisposeAsync() => _listener.DisposeAsync();

    private async Task ServeAsync(System.Net.Sockets.Socket socket, int number, CancellationToken stop)
    {
        using var exchange = new Exchange(socket, number);
        var goesOn = true;
        while (goesOn && await exchange.ReadHeadAsync(stop) is { } request)
        {
            var reply = _script(request, Interlocked.Increment(ref _count));
            if (reply.Continues)
            {
                await exchange.WriteAsync("HTTP/1.1 100 Continue\r\n\r\n", stop);
            }

            if (reply.ReadsBody)
            {
                request = request with { Body = await exchange.ReadBodyAsync(request, stop) };
            }

            _requests.Enqueue(request);
            await reply.SendAsync(exchange, request, stop);
            goesOn = reply.GoesOn;
        }
    }
}
