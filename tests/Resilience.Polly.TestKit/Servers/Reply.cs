using System.Diagnostics;
using System.Text;

namespace Resilience.Polly.TestKit;

/// <summary>How a <see cref="ScriptedServer"/> treats one request, well or badly.</summary>
public sealed class Reply
{
    private readonly Func<Exchange, SeenRequest, CancellationToken, Task> _send;

    private Reply(Func<Exchange, SeenRequest, CancellationToken, Task> send, bool readsBody = true, bool goesOn = true) =>
        (_send, ReadsBody, GoesOn) = (send, readsBody, goesOn);

    /// <summary>Never answers.</summary>
    public static Reply Silence { get; } = new((_, _, stop) => Task.Delay(Timeout.Infinite, stop), goesOn: false);

    /// <summary>Neither reads the body nor answers.</summary>
    public static Reply Unread { get; } = new((_, _, stop) => Task.Delay(Timeout.Infinite, stop), readsBody: false, goesOn: false);

    /// <summary>Resets the connection before any byte of an answer.</summary>
    public static Reply Reset { get; } = new((exchange, _, _) => { exchange.Reset(); return Task.CompletedTask; }, goesOn: false);

    /// <summary>Closes the connection in good order, without an answer.</summary>
    public static Reply Close { get; } = new((_, _, _) => Task.CompletedTask, goesOn: false);

    /// <summary>Resets the connection in the middle of the body.</summary>
    public static Reply ResetMidBody { get; } = new(
        async (exchange, _, stop) =>
        {
            await exchange.WriteAsync("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf", stop);
            exchange.Reset();
        },
        goesOn: false);

    internal bool ReadsBody { get; }

    /// <summary>Whether the connection can be used for another request.</summary>
    internal bool GoesOn { get; }

    /// <summary>Answers with bytes that depend on the whole request, its body included.</summary>
    /// <param name="answer">Gives the bytes, and whether the connection ends with them.</param>
    /// <param name="continues">Whether the client is told to send its body first.</param>
    public static Reply With(Func<SeenRequest, (byte[] Bytes, bool Ends)> answer, bool continues = false) => new(async (exchange, request, stop) =>
    {
        var (bytes, ends) = answer(request);
        await exchange.WriteAsync(bytes, stop);
        if (ends)
        {
            await exchange.EndAsync(stop);
        }
    })
    {
        Continues = continues,
    };

    public static Reply Ok(string body = "ok") => Status(200, body);

    public static Reply Status(int status, string body = "", params (string Name, string Value)[] headers) =>
        Bytes(status, Encoding.UTF8.GetBytes(body), headers);

    public static Reply Bytes(int status, byte[] body, params (string Name, string Value)[] headers) => new(async (exchange, _, stop) =>
        await exchange.WriteAsync((byte[])[.. Head(status, body.Length, headers), .. body], stop));

    /// <summary>Announces the whole body, sends half of it and resets the connection.</summary>
    public static Reply CutInBody(int status, byte[] body, params (string Name, string Value)[] headers) => new(
        async (exchange, _, stop) =>
        {
            await exchange.WriteAsync((byte[])[.. Head(status, body.Length, headers), .. body[..(body.Length / 2)]], stop);
            exchange.Reset();
        },
        goesOn: false);

    /// <summary>Announces the whole body, sends half of it and then nothing more.</summary>
    public static Reply StallInBody(int status, byte[] body, params (string Name, string Value)[] headers) => new(
        async (exchange, _, stop) =>
        {
            await exchange.WriteAsync((byte[])[.. Head(status, body.Length, headers), .. body[..(body.Length / 2)]], stop);
            await Task.Delay(Timeout.Infinite, stop);
        },
        goesOn: false);

    /// <summary>Sends the head, and the body in about ten pieces with a pause before each.</summary>
    public static Reply Paced(int status, byte[] body, TimeSpan pause, params (string Name, string Value)[] headers) => new(async (exchange, _, stop) =>
    {
        await exchange.WriteAsync(Head(status, body.Length, headers), stop);
        foreach (var piece in body.Chunk(Math.Max(1, body.Length / 10)))
        {
            await Task.Delay(pause, stop);
            await exchange.WriteAsync(piece, stop);
        }
    });

    /// <summary>Promises more of the body than it sends, and closes the connection.</summary>
    public static Reply Cut(int status, byte[] body, params (string Name, string Value)[] headers) => new(
        async (exchange, _, stop) =>
        {
            var head = string.Concat(headers.Select(header => $"{header.Name}: {header.Value}\r\n"));
            await exchange.WriteAsync((byte[])[.. Encoding.UTF8.GetBytes($"HTTP/1.1 {status} X\r\nContent-Length: {body.Length + 1000}\r\n{head}\r\n"), .. body], stop);
        },
        goesOn: false);

    public static Reply Json(string body, int status = 200, string type = "application/json") => Status(status, body, ("Content-Type", type));

    public static Reply Problem(int status, string body) => Json(body, status, "application/problem+json");

    public static Reply Redirect(int status, string location) => Status(status, "", ("Location", location));

    /// <summary>Answers the head and some of the body, and then nothing more.</summary>
    public static Reply StallAfter(string body, string head = "HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n") => new(
        async (exchange, _, stop) =>
        {
            await exchange.WriteAsync(head + body, stop);
            await Task.Delay(Timeout.Infinite, stop);
        },
        goesOn: false);

    /// <summary>Sends a body of <paramref name="count"/> bytes, one in each interval.</summary>
    public static Reply Trickle(int count, TimeSpan interval) => new(async (exchange, _, stop) =>
    {
        await exchange.WriteAsync($"HTTP/1.1 200 OK\r\nContent-Length: {count}\r\n\r\n", stop);
        using var timer = new PeriodicTimer(interval);
        for (var sent = 0; sent < count && await timer.WaitForNextTickAsync(stop); sent++)
        {
            await exchange.WriteAsync("x", stop);
        }
    });

    /// <summary>Reads the body at a steady pace, and then answers.</summary>
    public static Reply Drain(long bytesPerSecond) => new(
        async (exchange, request, stop) =>
        {
            var (read, began) = (0L, Stopwatch.GetTimestamp());
            await exchange.ReadBodyAsync(
                request,
                async part =>
                {
                    read += part.Length;
                    var early = TimeSpan.FromSeconds((double)read / bytesPerSecond) - Stopwatch.GetElapsedTime(began);
                    if (early > TimeSpan.FromMilliseconds(5))
                    {
                        await Task.Delay(early, stop);
                    }
                },
                stop);
            await exchange.WriteAsync($"HTTP/1.1 200 OK\r\nContent-Length: {read.ToString().Length}\r\n\r\n{read}", stop);
        },
        readsBody: false);

    /// <summary>The same, once <paramref name="gate"/> has ended.</summary>
    public Reply After(Task gate) => new(
        async (exchange, request, stop) =>
        {
            await gate.WaitAsync(stop);
            await _send(exchange, request, stop);
        },
        ReadsBody,
        GoesOn);

    /// <summary>The same after some time.</summary>
    public Reply After(TimeSpan delay) => new(
        async (exchange, request, stop) =>
        {
            await Task.Delay(delay, stop);
            await _send(exchange, request, stop);
        },
        ReadsBody,
        GoesOn);

    /// <summary>Lets a client that asked with <c>Expect: 100-continue</c> send its body first.</summary>
    public Reply Continuing() => new(_send, ReadsBody, GoesOn) { Continues = true };

    internal bool Continues { get; private init; }

    internal Task SendAsync(Exchange exchange, SeenRequest request, CancellationToken stop) => _send(exchange, request, stop);

    private static byte[] Head(int status, int length, (string Name, string Value)[] headers) =>
        Encoding.UTF8.GetBytes($"HTTP/1.1 {status} X\r\nContent-Length: {length}\r\n{string.Concat(headers.Select(header => $"{header.Name}: {header.Value}\r\n"))}\r\n");
}
