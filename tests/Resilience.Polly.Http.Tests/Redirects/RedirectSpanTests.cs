using System.Diagnostics;

namespace Resilience.Polly.Http.Tests.Redirects;

/// <summary>Each hop is a span of its own in the trace of its caller.</summary>
[Collection(nameof(RealTime))]
public class RedirectSpanTests
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Hop_tells_its_server_its_own_span(bool recorded)
    {
        using var listener = recorded ? RedirectSpans.Listen() : null;
        await using var server = new ScriptedServer(Reply.Redirect(302, "/there"), Reply.Ok());
        await using var app = new HttpApp();
        using var caller = new Activity("caller").Start();
        (await app.Client.GetAsync(server.Address.AbsoluteUri)).Dispose();
        var spans = server.Requests.Select(request => ActivityContext.Parse(request.Header("traceparent")!, null)).ToArray();
        Assert.Equal(2, spans.Select(span => span.SpanId).Distinct().Count());
        Assert.All(spans, span => Assert.Equal(caller.TraceId, span.TraceId));
    }
}
