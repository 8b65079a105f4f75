using Microsoft.Extensions.DependencyInjection;

namespace Resilience.Polly.Http.Tests.Calls;

/// <summary>An id that is given reaches the service as it was given, or nothing is sent: by every way that one can be given.</summary>
[Collection(nameof(RealTime))] // so much work at once would show in what a test beside it allocates
public class GivenIdTests
{
    private static readonly string[] Pieces = ["\t", "\r", "\n", "\r\n", "\0", "\u007f", "\u0085", "\u00a0", "\u2028", " ", "\"", "\\", ",", ";", ":", "X-Evil: 1", "id", "a", "7"];

    public static TheoryData<string> Bad => ["\t\r\nX-Evil: 1", "\r\nX-Evil: 1", "id\r\nX-Evil: 1", "id\r\n", "\tid", "id\n", "\0", "\"id\"\r\n X-Evil: 1"];

    private static HttpApp App() => new(more: services =>
    {
        services.AddResilience().AddPipeline("catalog");
        services.AddHttpClient("catalog").AddResilience();
    });

    [Theory]
    [MemberData(nameof(Bad))]
    public async Task Id_that_does_not_survive_a_header_is_refused_before_anything_is_sent(string id)
    {
        await using var server = new ScriptedServer(Reply.Ok());
        await using var app = App();
        for (var way = 0; way < Ways; way++)
        {
            var seen = await Record.ExceptionAsync(() => SendAsync(app, server.Address, id, way));
            Assert.True(seen is ArgumentException, $"way {way}: {seen}");
        }

        Assert.Empty(server.Requests);
    }

    [Fact]
    public async Task Id_by_any_way_is_sent_as_given_or_refused()
    {
        var seed = Environment.TickCount;
        var random = new Random(seed);
        await using var server = new ScriptedServer(Reply.Ok());
        await using var app = App();
        var sent = 0;
        for (var round = 0; round < 1000; round++)
        {
            var (way, id) = (random.Next(Ways), string.Concat(Enumerable.Range(0, random.Next(1, 4)).Select(_ => Pieces[random.Next(Pieces.Length)])));
            var seen = await Record.ExceptionAsync(() => SendAsync(app, server.Address, id, way));
            var shown = $"seed {seed}, round {round}, way {way}: '{Uri.EscapeDataString(id)}'";
            Assert.True(seen is null or ArgumentException, $"{shown} gives {seen}");
            sent += seen is null ? 1 : 0;
            Assert.True(server.Requests.Count == sent, $"{shown}: {server.Requests.Count} requests came, {sent} were sent");
            Assert.True(seen is not null || id.All(c => c is >= ' ' and <= '~'), $"{shown} was sent");
            var head = seen is null ? server.Requests.Last() : null;
            Assert.True(head?.Header("X-Evil") is null, $"{shown} brought a header of its own");
        }

        Assert.InRange(sent, 50, 950);
    }

    private const int Ways = 7;

    private static async Task SendAsync(HttpApp app, Uri address, string id, int way)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, address);
        var http = app.Services.GetRequiredService<IHttpClientFactory>().CreateClient("catalog");
        switch (way)
        {
            case 0:
                (await app.Client.PostAsync(address.AbsoluteUri, null, id)).Dispose();
                return;
            case 1:
                (await app.Client.SendAsync(request.SetRequestId(id))).Dispose();
                return;
            case 2:
                (await app.Client.PostAsync(address.AbsoluteUri, null, options: new() { Headers = { ["Idempotency-Key"] = id } })).Dispose();
                return;
            case 3:
                request.SetRequestId(id).SetRequestOptions(new());
                break;
            case 4:
                request.Headers.TryAddWithoutValidation("Idempotency-Key", id);
                break;
            case 5:
                request.Headers.TryAddWithoutValidation("X-Request-ID", id);
                break;
            default:
                http.DefaultRequestHeaders.TryAddWithoutValidation("Idempotency-Key", id);
                break;
        }

        (await http.SendAsync(request)).Dispose();
    }
}
