using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Resilience.Polly.Http.Tests.Parity;

/// <summary>Gives the answers of a scenario in their order, and writes down all that it was asked.</summary>
internal sealed class ParityServer : IAsyncDisposable
{
    private readonly List<SeenRequest> _seen = [];
    private IAsyncDisposable? _server;
    private IReadOnlyList<Answer> _answers = [];

    private ParityServer()
    {
    }

    public Uri Address { get; private set; } = null!;

    public static async Task<ParityServer> StartAsync(int version)
    {
        var server = new ParityServer();
        if (version == 1)
        {
            var scripted = new ScriptedServer((request, _) => server.Reply(request));
            (server._server, server.Address) = (scripted, scripted.Address);
        }
        else
        {
            var web = await WebServer.StartAsync(server.AnswerAsync, version);
            (server._server, server.Address) = (web, web.Address);
        }

        return server;
    }

    public void Begin(IReadOnlyList<Answer> answers)
    {
        lock (_seen)
        {
            _seen.Clear();
            _answers = answers;
        }
    }

    /// <summary>What the server can see of a scenario.</summary>
    public IEnumerable<(string What, string Value)> Seen()
    {
        lock (_seen)
        {
            var spans = new List<string>();
            for (var hop = 0; hop < _seen.Count; hop++)
            {
                var request = _seen[hop];
                yield return ($"hop {hop}", $"{request.Method} {request.Path}");
                yield return ($"hop {hop} body", CallerView.Short(request.Body));
                yield return ($"hop {hop} headers", string.Join(" / ", request.Headers
                    .Where(header => !Added(request, header))
                    .Select(header => $"{header.Name}: {(header.Name.Equals("traceparent", StringComparison.OrdinalIgnoreCase) ? Trace(header.Value, spans) : header.Value)}")));
            }
        }
    }

    public ValueTask DisposeAsync() => _server!.DisposeAsync();

    // What a page says that a pipeline adds: an id, a key, and an empty body where .NET would otherwise repeat by itself.
    private static bool Added(SeenRequest request, (string Name, string Value) header) =>
        header.Name.ToUpperInvariant() is "X-REQUEST-ID" or "IDEMPOTENCY-KEY"
        || (header.Name.Equals("Content-Length", StringComparison.OrdinalIgnoreCase) && header.Value == "0" && request.Body.Length == 0);

    // Ids differ from run to run. Whether a hop has one of its own, below the caller's trace, does not.
    private static string Trace(string value, List<string> spans)
    {
        var parts = value.Split('-');
        if (!spans.Contains(parts[2]))
        {
            spans.Add(parts[2]);
        }

        return $"{(parts[1] == System.Diagnostics.Activity.Current?.TraceId.ToHexString() ? "the caller's trace" : "another trace")}, span {spans.IndexOf(parts[2])}, {parts[3]}";
    }

    private Answer Next(SeenRequest request)
    {
        lock (_seen)
        {
            _seen.Add(request);
            return _answers[Math.Min(_seen.Count, _answers.Count) - 1];
        }
    }

    // The script is asked at the head; the body is there when it sends.
    private Reply Reply(SeenRequest head) => TestKit.Reply.With(request =>
    {
        var answer = Next(request);
        return (answer.Render(request.Method), answer.Ends);
    }, head.Header("Expect") is not null);

    private async Task AnswerAsync(HttpContext context)
    {
        using var body = new MemoryStream();
        await context.Request.Body.CopyToAsync(body);
        var headers = context.Request.Headers.SelectMany(header => header.Value.Select(value => (header.Key, value!)));
        var answer = Next(new SeenRequest(1, context.Request.Method, context.Request.Path + context.Request.QueryString, [.. headers], body.ToArray()));
        context.Response.StatusCode = answer.Status;
        context.Response.Headers.Date = "Thu, 26 Nov 2026 12:00:00 GMT";
        foreach (var (name, value) in answer.Headers)
        {
            context.Response.Headers.Append(name, value);
        }

        if (answer.Status is not (204 or 304) && answer.Framing == Framing.Length)
        {
            context.Response.ContentLength = answer.Bytes.Length;
        }

        if (context.Request.Method != "HEAD" && answer.Status is not (204 or 205 or 304))
        {
            await context.Response.Body.WriteAsync(answer.Bytes);
            foreach (var (name, value) in answer.Trailers)
            {
                context.Features.Get<IHttpResponseTrailersFeature>()!.Trailers.Append(name, value);
            }
        }
    }
}
