using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Resilience.Polly.Http.Tests.Clients;

public sealed partial class ResilientClientTests
{
    internal sealed record Item(string Name, int Count);

    internal sealed record Placed(string Id);

    [JsonSourceGenerationOptions(JsonSerializerDefaults.Web)]
    [JsonSerializable(typeof(Item))]
    [JsonSerializable(typeof(Placed))]
    internal sealed partial class Types : JsonSerializerContext;

    private static readonly Item Lamp = new("lamp", 2);

    private static HttpApp At(Uri address, Action<PipelineOptions>? more = null) => new(o =>
    {
        o.BaseAddress = address;
        more?.Invoke(o);
    });

    [Fact]
    public async Task Verbs_send_their_methods()
    {
        await using var server = new ScriptedServer(Reply.Ok("body"));
        await using var app = At(server.Address);
        var client = app.Client;
        (await client.GetAsync("/a?x=1")).Dispose();
        (await client.PostAsync("/a", new StringContent("p"))).Dispose();
        (await client.PutAsync("/a", new StringContent("p"))).Dispose();
        (await client.PatchAsync("/a", new StringContent("p"))).Dispose();
        (await client.DeleteAsync("/a")).Dispose();
        using var request = new HttpRequestMessage(HttpMethod.Head, "/a");
        (await client.SendAsync(request)).Dispose();
        Assert.Equal(
            ["GET /a?x=1 ", "POST /a p", "PUT /a p", "PATCH /a p", "DELETE /a ", "HEAD /a "],
            server.Requests.Select(seen => $"{seen.Method} {seen.Path} {seen.Text}"));
        Assert.Equal("payments", client.Name);
    }

    [Fact]
    public async Task Json_by_reflection_goes_in_and_out()
    {
        await using var server = new ScriptedServer(Reply.Json("""{"id":"7"}"""));
        await using var app = At(server.Address);
        var client = app.Client;
        Assert.Equal("7", (await client.GetJsonAsync<Placed>("/a"))!.Id);
        Assert.Equal("7", (await client.DeleteJsonAsync<Placed>("/a"))!.Id);
        Assert.Equal("7", (await client.PostJsonAsync<Item, Placed>("/a", Lamp))!.Id);
        Assert.Equal("7", (await client.PutJsonAsync<Item, Placed>("/a", Lamp))!.Id);
        Assert.Equal("7", (await client.PatchJsonAsync<Item, Placed>("/a", Lamp))!.Id);
        (await client.PostJsonAsync("/a", Lamp, requestId: "id")).Dispose();
        (await client.PutJsonAsync("/a", Lamp)).Dispose();
        (await client.PatchJsonAsync("/a", Lamp)).Dispose();
        Assert.All(server.Requests.Skip(2), SendsLamp);
    }

    [Fact]
    public async Task Json_by_type_information_goes_in_and_out()
    {
        await using var server = new ScriptedServer(Reply.Json("""{"id":"7"}"""));
        await using var app = At(server.Address);
        var (client, item, placed) = (app.Client, Types.Default.Item, Types.Default.Placed);
        Assert.Equal("7", (await client.GetJsonAsync("/a", placed))!.Id);
        Assert.Equal("7", (await client.DeleteJsonAsync("/a", placed))!.Id);
        Assert.Equal("7", (await client.PostJsonAsync("/a", Lamp, item, placed))!.Id);
        Assert.Equal("7", (await client.PutJsonAsync("/a", Lamp, item, placed))!.Id);
        Assert.Equal("7", (await client.PatchJsonAsync("/a", Lamp, item, placed))!.Id);
        (await client.PostJsonAsync("/a", Lamp, item)).Dispose();
        (await client.PutJsonAsync("/a", Lamp, item)).Dispose();
        (await client.PatchJsonAsync("/a", Lamp, item)).Dispose();
        Assert.All(server.Requests.Skip(2), SendsLamp);
    }

    [Fact]
    public async Task Json_null_is_null_and_what_is_no_json_is_an_error_of_its_own()
    {
        await using var server = new ScriptedServer(Reply.Json("null"), Reply.Json("{"));
        await using var app = At(server.Address, o => o.Retry.MaxAttempts = 3);
        Assert.Null(await app.Client.GetJsonAsync<Placed>("/a"));
        await Assert.ThrowsAsync<JsonException>(() => app.Client.GetJsonAsync<Placed>("/a"));
        Assert.Equal(2, server.Requests.Count);
    }

    [Fact]
    public async Task Options_send_their_headers_in_place_of_those_of_the_client()
    {
        await using var server = new ScriptedServer(Reply.Ok());
        await using var app = new HttpApp(
            o => o.BaseAddress = server.Address,
            client => HttpApp.Speaking(1)(client));
        using var request = new HttpRequestMessage(HttpMethod.Get, "/a") { Headers = { { "X-Tenant", "one" } } };
        var options = new ResilientRequestOptions { Headers = { ["x-tenant"] = "two", ["Accept"] = "text/csv" } };
        (await app.Client.SendAsync(request, options: options)).Dispose();
        Assert.Equal(("two", "text/csv"), (server.Only.Header("X-Tenant"), server.Only.Header("Accept")));
    }

    [Fact]
    public async Task Headers_of_the_client_are_sent_with_each_attempt()
    {
        await using var server = new ScriptedServer(Reply.Status(503), Reply.Ok());
        await using var app = new HttpApp(
            o => (o.BaseAddress, o.Retry.MaxAttempts) = (server.Address, 2),
            client => Microsoft.Extensions.DependencyInjection.HttpClientBuilderExtensions.ConfigureHttpClient(client, http =>
                http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", "token")));
        (await app.Client.GetAsync("/a")).Dispose();
        Assert.All(server.Requests, seen => Assert.Equal("Bearer token", seen.Header("Authorization")));
        Assert.Equal(2, server.Requests.Count);
    }

    [Theory]
    [InlineData("api/", "orders", "/api/orders")]
    [InlineData("api/", "/orders", "/orders")] // as HttpClient has it
    [InlineData("", "orders?x=1", "/orders?x=1")]
    public async Task Address_that_is_relative_follows_the_base_address(string path, string address, string seen)
    {
        await using var server = new ScriptedServer(Reply.Ok());
        await using var app = At(new Uri(server.Address, path));
        (await app.Client.GetAsync(address)).Dispose();
        Assert.Equal(seen, server.Only.Path);
    }

    [Fact]
    public async Task Message_of_ones_own_keeps_its_options_for_handlers_below()
    {
        await using var server = new ScriptedServer(Reply.Ok());
        var key = new HttpRequestOptionsKey<string>("mine");
        string? seen = null;
        await using var app = new HttpApp(
            o => o.BaseAddress = server.Address,
            client => Microsoft.Extensions.DependencyInjection.HttpClientBuilderExtensions.AddHttpMessageHandler(client, () => new Spy(message => message.Options.TryGetValue(key, out seen))));
        using var request = new HttpRequestMessage(HttpMethod.Get, "/a");
        request.Options.Set(key, "value");
        (await app.Client.SendAsync(request)).Dispose();
        Assert.Equal("value", seen);
    }

    [Fact]
    public async Task Client_serves_many_threads_at_once()
    {
        await using var server = new ScriptedServer((request, _) => Reply.Ok(request.Path));
        await using var app = At(server.Address);
        var client = app.Client;
        await Parallel.ForAsync(0, 2000, async (number, token) =>
        {
            using var response = await client.GetAsync($"/{number}", cancellationToken: token);
            Assert.Equal($"/{number}", await response.Content.ReadAsStringAsync(token));
        });
    }

    private static void SendsLamp(SeenRequest request)
    {
        Assert.Equal("""{"name":"lamp","count":2}""", Encoding.UTF8.GetString(request.Body));
        Assert.StartsWith("application/json", request.Header("Content-Type"));
    }

    private sealed class Spy(Action<HttpRequestMessage> see) : DelegatingHandler
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            see(request);
            return base.SendAsync(request, cancellationToken);
        }
    }
}
