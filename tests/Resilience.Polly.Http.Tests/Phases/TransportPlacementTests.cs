using System.Net;
using System.Net.Http.Json;
using Microsoft.Extensions.DependencyInjection;

namespace Resilience.Polly.Http.Tests.Phases;

/// <summary>The limits stand below every handler of the application, inside the primary too: none sees hops, or contents that are not its own.</summary>
[Collection(nameof(RealTime))]
public class TransportPlacementTests
{
    private static readonly TimeSpan Short = TimeSpan.FromMilliseconds(200);

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Credentials_that_are_no_cache_are_not_sent_to_the_second_hop(bool preAuthenticate)
    {
        await using var second = new ScriptedServer((request, _) =>
            request.Header("Authorization") is null ? Reply.Status(401, "", ("WWW-Authenticate", "Basic realm=x")) : Reply.Ok());
        await using var first = new ScriptedServer(Reply.Redirect(302, second.Address + "there"));
        await using var app = new HttpApp(client: HttpApp.Speaking(1, more: handler =>
            (handler.Credentials, handler.PreAuthenticate) = (new NetworkCredential("name", "secret"), preAuthenticate)));

        // A client that has signed in there itself still does not sign in for whoever sends it there.
        (await app.Client.GetAsync(second.Address + "own")).Dispose();
        Assert.Equal(HttpStatusCode.Unauthorized, (await Assert.ThrowsAnyAsync<ApiStatusException>(() => app.Client.GetAsync(first.Address.AbsoluteUri))).StatusCode);
        Assert.Null(second.Requests.Last().Header("Authorization"));
        Assert.Equal("/there", second.Requests.Last().Path);
    }

    [Fact]
    public async Task Handler_inside_the_primary_is_asked_once_for_a_request_that_is_redirected()
    {
        await using var second = new ScriptedServer(Reply.Ok("end"));
        await using var first = new ScriptedServer(Reply.Redirect(307, second.Address.AbsoluteUri));
        var asked = 0;
        await using var app = new HttpApp(client: Primary((request, send) =>
        {
            asked++;
            request.Headers.Authorization = new("Bearer", "token");
            return send(request);
        }));
        using var response = await app.Client.PutAsync(first.Address.AbsoluteUri, new StringContent("text"));
        Assert.Equal("end", await response.Content.ReadAsStringAsync());
        Assert.Equal(1, asked);
        Assert.Equal(("Bearer token", null), (first.Only.Header("Authorization"), second.Only.Header("Authorization")));
        Assert.Equal("text", second.Only.Text);
    }

    [Fact]
    public async Task Handler_inside_the_primary_may_take_its_time_and_read_the_content()
    {
        await using var server = new ScriptedServer(Reply.Ok());
        await using var app = new HttpApp(
            o => (o.Timeout.Connect, o.Timeout.Read, o.Timeout.Write, o.Timeout.Pool) = (Short, Short, Short, Short),
            Primary(async (request, send) =>
            {
                Assert.Equal("text", await request.Content!.ReadAsStringAsync());
                await Task.Delay(Short * 3);
                return await send(request);
            }));
        await RealTime.IsLeftAloneAsync(async () => (await app.Client.PutAsync(server.Address.AbsoluteUri, new StringContent("text"))).Dispose());
        Assert.Equal("text", server.Requests.Last().Text);
    }

    [Fact]
    public async Task Message_that_a_handler_sends_in_place_of_its_own_has_the_usual_limits_and_is_that_of_the_answer()
    {
        await using var server = new ScriptedServer((request, _) => request.Path == "/silence" ? Reply.Silence : Reply.Redirect(302, "/silence"));
        HttpRequestMessage? sent = null;
        await using var app = new HttpApp(
            o => o.Timeout.Read = Short,
            Primary((request, send) => send(sent = new HttpRequestMessage(HttpMethod.Get, request.RequestUri))));
        Assert.Equal(TimeoutPhase.Read, (await Assert.ThrowsAsync<ApiTimeoutException>(() => app.Client.GetAsync(server.Address.AbsoluteUri))).Phase);

        await using var other = new ScriptedServer(Reply.Redirect(302, "/end"), Reply.Ok("end"));
        using var response = await app.Client.GetAsync(other.Address.AbsoluteUri);
        Assert.Same(sent, response.RequestMessage);
        Assert.Equal("/end", sent!.RequestUri!.AbsolutePath);
    }

    [Fact]
    public async Task Message_that_a_handler_sends_twice_has_its_limits_both_times()
    {
        await using var server = new ScriptedServer(Reply.Status(401, "who?"), Reply.Ok("you"), Reply.Status(401, "who?"), Reply.Silence);
        await using var app = new HttpApp(client: Primary(async (request, send) =>
        {
            var first = await send(request); // not read: its body and the second answer are under way together
            return first.StatusCode == HttpStatusCode.Unauthorized ? await send(request) : first;
        }));
        using var response = await app.Client.PutAsync(server.Address.AbsoluteUri, new StringContent("text"), options: new() { ReadTimeout = TimeSpan.FromSeconds(20) });
        Assert.Equal("you", await response.Content.ReadAsStringAsync());
        Assert.Equal(["text", "text"], server.Requests.Select(request => request.Text));
        var timeout = await Assert.ThrowsAsync<ApiTimeoutException>(() => app.Client.PutAsync(server.Address.AbsoluteUri, new StringContent("text"), options: new() { ReadTimeout = Short }));
        Assert.Equal((TimeoutPhase.Read, Short), (timeout.Phase, timeout.Limit));
    }

    [Fact]
    public async Task Message_that_a_handler_sends_many_times_at_once_has_its_limits_each_time()
    {
        await using var server = new ScriptedServer((_, number) => number % 2 == 0 ? Reply.Silence : Reply.Ok("quick"));
        await using var app = new HttpApp(client: Primary(async (request, send) =>
        {
            var sendings = Enumerable.Range(0, 8).Select(_ => send(request)).ToArray();
            var ends = await Task.WhenAll(sendings.Select(sending => sending.ContinueWith(static ended => ended.Exception?.InnerException, TaskScheduler.Default)));
            Assert.Equal(4, ends.Count(failure => failure is PhaseTimeoutException { Phase: TimeoutPhase.Read } timeout && timeout.Limit == Short));
            return await sendings.First(sending => sending.IsCompletedSuccessfully);
        }));
        using var response = await app.Client.GetAsync(server.Address.AbsoluteUri, options: new() { ReadTimeout = Short });
        Assert.Equal("quick", await response.Content.ReadAsStringAsync());
    }

    public static TheoryData<string> Contents => ["string", "form", "stream", "json", "multipart", "own"];

    [Theory]
    [MemberData(nameof(Contents))]
    public async Task Message_holds_its_content_after_sending(string kind)
    {
        await using var server = new ScriptedServer(Reply.Ok());
        var seen = new List<HttpContent?>();
        var content = Content(kind);
        var text = await Content(kind).ReadAsStringAsync(); // of another one: reading it would keep its bytes
        async Task<HttpResponseMessage> LookAsync(HttpRequestMessage request, Func<HttpRequestMessage, Task<HttpResponseMessage>> send)
        {
            var response = await send(request);
            seen.Add(request.Content);
            var stream = await request.Content!.ReadAsStreamAsync();
            stream.Position = 0;
            Assert.Equal(text, await new StreamReader(stream).ReadToEndAsync());
            return response;
        }

        await using var app = new HttpApp(client: client =>
        {
            Primary(LookAsync)(client);
            client.AddHttpMessageHandler(() => new Between(LookAsync));
        });
        using var response = await app.Client.PutAsync(server.Address.AbsoluteUri, content);
        Assert.All(seen, held => Assert.Same(content, held));
        Assert.Equal(2, seen.Count);
        Assert.Same(content, response.RequestMessage!.Content);
        Assert.Contains(text, server.Only.Text);
    }

    [Fact]
    public async Task Client_without_a_pipeline_gets_answers_to_the_message_that_it_sent()
    {
        await using var server = new ScriptedServer(Reply.Redirect(303, "/there"), Reply.Ok());
        using var http = new HttpClient(new PhaseTimeoutHandler(new SocketsHttpHandler(), new TimeoutOptions()));
        using var request = new HttpRequestMessage(HttpMethod.Post, server.Address) { Content = new StringContent("text") };
        using var response = await http.SendAsync(request);
        Assert.Same(request, response.RequestMessage);
        Assert.Equal((HttpMethod.Get, "/there", null), (request.Method, request.RequestUri!.AbsolutePath, request.Content));
    }

    [Theory]
    [InlineData(null)]
    [InlineData("relative")]
    public async Task Message_without_an_address_fails_as_in_a_plain_client(string? address)
    {
        using var plain = new HttpMessageInvoker(new SocketsHttpHandler());
        using var phases = new HttpMessageInvoker(new PhaseTimeoutHandler(new SocketsHttpHandler(), new TimeoutOptions()));
        async Task<string> FailureAsync(HttpMessageInvoker invoker)
        {
            using var request = new HttpRequestMessage { RequestUri = address is null ? null : new Uri(address, UriKind.Relative) };
            var failure = await Assert.ThrowsAnyAsync<Exception>(() => invoker.SendAsync(request, TestContext.Current.CancellationToken));
            return $"{failure.GetType()} {failure.Message}";
        }

        Assert.Equal(await FailureAsync(plain), await FailureAsync(phases));
    }

    [Fact]
    public async Task Chain_that_is_handed_out_again_and_again_is_changed_once()
    {
        await using var server = new ScriptedServer((request, _) => request.Path == "/ok" ? Reply.Ok() : Reply.Silence);
        var asked = 0;
        using var shared = new Between((request, send) =>
        {
            Interlocked.Increment(ref asked);
            return send(request);
        }) { InnerHandler = new SocketsHttpHandler() };
        await using var one = new HttpApp(client: client => client.ConfigurePrimaryHttpMessageHandler(() => shared));
        await using var other = new HttpApp(client: client => client.ConfigurePrimaryHttpMessageHandler(() => shared));
        (await one.Client.GetAsync(server.Address + "ok")).Dispose();
        (await other.Client.GetAsync(server.Address + "ok")).Dispose();
        Assert.Equal((1, 2), (server.Connections, asked));
        Assert.Equal(
            TimeoutPhase.Read,
            (await Assert.ThrowsAsync<ApiTimeoutException>(() => other.Client.GetAsync(server.Address + "hang", options: new() { ReadTimeout = Short }))).Phase);
    }

    [Fact]
    public async Task Chain_that_has_sent_a_request_keeps_its_read_limit()
    {
        await using var server = new ScriptedServer(Reply.Ok(), Reply.Silence);
        using var used = new Between((request, send) => send(request)) { InnerHandler = new SocketsHttpHandler() };
        using var plain = new HttpClient(used);
        (await plain.GetAsync(server.Address)).Dispose();
        await using var app = new HttpApp(o => o.Timeout.Read = Short, client => client.ConfigurePrimaryHttpMessageHandler(() => used));
        Assert.Equal(TimeoutPhase.Read, (await Assert.ThrowsAsync<ApiTimeoutException>(() => app.Client.GetAsync(server.Address.AbsoluteUri))).Phase);
    }

    [Fact]
    public void Handler_without_an_inner_handler_is_named()
    {
        using var alone = new Between((request, send) => send(request));
        Assert.Contains("The handler Between has no inner handler", Assert.Throws<InvalidOperationException>(() => new PhaseTimeoutHandler(alone, new TimeoutOptions())).Message);
    }

    private static Action<IHttpClientBuilder> Primary(Func<HttpRequestMessage, Func<HttpRequestMessage, Task<HttpResponseMessage>>, Task<HttpResponseMessage>> handle) =>
        client => client.ConfigurePrimaryHttpMessageHandler(() => new Between(handle) { InnerHandler = new SocketsHttpHandler() });

    private static HttpContent Content(string kind) => kind switch
    {
        "string" => new StringContent("text"),
        "form" => new FormUrlEncodedContent([new("name", "value")]),
        "stream" => new StreamContent(new MemoryStream("stream"u8.ToArray())),
        "json" => JsonContent.Create(new { value = 1 }),
        "multipart" => new MultipartContent("mixed", "edge") { new StringContent("part") },
        _ => new Own(),
    };

    private sealed class Own : HttpContent
    {
        protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) => stream.WriteAsync("own"u8.ToArray(), 0, 3);

        protected override bool TryComputeLength(out long length)
        {
            length = 3;
            return true;
        }
    }

    private sealed class Between(Func<HttpRequestMessage, Func<HttpRequestMessage, Task<HttpResponseMessage>>, Task<HttpResponseMessage>> handle) : DelegatingHandler
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) =>
            handle(request, message => base.SendAsync(message, cancellationToken));
    }
}
