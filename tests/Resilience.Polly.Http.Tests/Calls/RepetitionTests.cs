using System.Text;

namespace Resilience.Polly.Http.Tests.Calls;

/// <summary>The table of what is sent again: by method, by what the caller said, by where the first attempt failed.</summary>
public class RepetitionTests
{
    // How the first attempt ends; the second would be answered well.
    private const string Refused = "connection refused";
    private const string Reset = "reset before an answer";
    private const string Closed = "closed before an answer";
    private const string Read = "read timeout";
    private const string Stalled = "body stalls";

    public static TheoryData<string, string, string, int> Table { get; } = new()
    {
        // method, caller, first attempt, attempts
        { "GET", "says nothing", Refused, 2 },
        { "GET", "says nothing", Reset, 2 },
        { "GET", "says nothing", Closed, 2 }, // by .NET itself
        { "GET", "says nothing", Read, 2 },
        { "GET", "says nothing", Stalled, 2 },
        { "GET", "says nothing", "408", 2 },
        { "GET", "says nothing", "429", 2 },
        { "GET", "says nothing", "502", 2 },
        { "GET", "says nothing", "503", 2 },
        { "GET", "says nothing", "504", 2 },
        { "GET", "says nothing", "409 in flight", 2 },
        { "GET", "says nothing", "400", 1 },
        { "GET", "says nothing", "401", 1 },
        { "GET", "says nothing", "403", 1 },
        { "GET", "says nothing", "404", 1 },
        { "GET", "says nothing", "409", 1 },
        { "GET", "says nothing", "422", 1 },
        { "GET", "says nothing", "500", 1 },
        { "GET", "says nothing", "501", 1 },
        { "HEAD", "says nothing", "503", 2 },
        { "PUT", "says nothing", "503", 2 },
        { "DELETE", "says nothing", "503", 2 },
        { "OPTIONS", "says nothing", "503", 2 },
        { "REPORT", "says nothing", "503", 1 }, // nobody knows what it does

        { "POST", "says nothing", Refused, 2 }, // surely never arrived
        { "POST", "says nothing", Reset, 1 },
        { "POST", "says nothing", Read, 1 },
        { "POST", "says nothing", Stalled, 1 },
        { "POST", "says nothing", "503", 1 },
        { "POST", "says nothing", Closed, 1 },
        { "POST", "says nothing and has no body", Reset, 1 },
        { "POST", "says nothing and has no body", Closed, 1 }, // .NET itself would send it again
        { "POST", "says nothing and has no body", Read, 1 },
        { "PATCH", "says nothing", Refused, 2 },
        { "PATCH", "says nothing", Read, 1 },

        { "POST", "gives the request id", Refused, 2 },
        { "POST", "gives the request id", Reset, 2 },
        { "POST", "gives the request id", Closed, 2 },
        { "POST", "gives the request id", Read, 2 },
        { "POST", "gives the request id", Stalled, 2 },
        { "POST", "gives the request id", "503", 2 },
        { "POST", "gives the request id", "409 in flight", 2 },
        { "POST", "gives the request id", "422", 1 },
        { "POST", "gives the request id", "500", 1 },
        { "PATCH", "gives the request id", Read, 2 },

        { "POST", "has set Idempotency-Key", Read, 2 },
        { "POST", "has set X-Request-ID", Read, 1 }, // which may name several calls
        { "POST", "has a service that deduplicates", Read, 2 },

        { "PUT", "has a body that is read once", "503", 1 },
        { "PUT", "has a body that is read once", Refused, 2 }, // and was not read
        { "POST", "has a body that is read once and gives the request id", Read, 1 },
    };

    [Theory]
    [MemberData(nameof(Table))]
    public async Task Request_is_sent_so_often(string method, string caller, string first, int attempts)
    {
        await using var server = new ScriptedServer(FirstReply(first), Reply.Ok());
        var dialled = 0;
        await using var app = new HttpApp(
            o =>
            {
                o.Retry.MaxAttempts = 2;
                o.Timeout.Read = TimeSpan.FromSeconds(first is Read or Stalled ? 0.5 : 30); // a busy machine answers late
                o.Idempotency.ServerDeduplicates = caller == "has a service that deduplicates";
                o.Idempotency.MaxRequestBufferSize = 0; // what is read once is sent once
            },
            HttpApp.Speaking(1, more: handler => handler.ConnectCallback = async (context, token) =>
            {
                var isRefused = ++dialled == 1 && first == Refused;
                var socket = new System.Net.Sockets.Socket(System.Net.Sockets.SocketType.Stream, System.Net.Sockets.ProtocolType.Tcp);
                await socket.ConnectAsync(isRefused ? new System.Net.DnsEndPoint("127.0.0.1", 1) : context.DnsEndPoint, token);
                return new System.Net.Sockets.NetworkStream(socket, ownsSocket: true);
            }));

        using var request = new HttpRequestMessage(new HttpMethod(method), server.Address);
        request.Content = method is "GET" or "HEAD" or "DELETE" or "OPTIONS" || caller.EndsWith("no body", StringComparison.Ordinal) ? null
            : caller.Contains("read once", StringComparison.Ordinal) ? new StreamContent(new ReadOnce("body"))
            : new StringContent("body");
        if (caller.StartsWith("has set ", StringComparison.Ordinal))
        {
            request.Headers.Add(caller["has set ".Length..], "by-hand");
        }

        var answered = await AnsweredAsync(app.Client.SendAsync(request, caller.EndsWith("gives the request id", StringComparison.Ordinal) ? "id-1" : null));

        Assert.Equal(attempts - (first == Refused ? 1 : 0), server.Requests.Count);
        Assert.Equal(attempts == 2, answered);

        // Where the connection of a request without a body was closed, it was .NET that sent it again.
        Assert.Equal(attempts == 2 && !(method == "GET" && first == Closed) ? 1 : 0, app.Snapshot.Calls.Retried);
    }

    private static Reply FirstReply(string first) => first switch
    {
        Refused => Reply.Ok(),
        Reset => Reply.Reset,
        Closed => Reply.Close,
        Read => Reply.Silence,
        Stalled => Reply.StallAfter("some"),
        "409 in flight" => Reply.Status(409, "", ("Retry-After", "0")),
        _ => Reply.Status(int.Parse(first, null)),
    };

    private static async Task<bool> AnsweredAsync(Task<HttpResponseMessage> call)
    {
        try
        {
            (await call).Dispose();
            return true;
        }
        catch (ApiCallException)
        {
            return false;
        }
    }

    private sealed class ReadOnce(string text) : MemoryStream(Encoding.UTF8.GetBytes(text))
    {
        public override bool CanSeek => false;
    }
}
