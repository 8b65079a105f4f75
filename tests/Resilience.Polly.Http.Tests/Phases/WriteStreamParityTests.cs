using System.Net;
using Microsoft.Extensions.DependencyInjection;

#pragma warning disable CA1835 // every member is meant to be called

namespace Resilience.Polly.Http.Tests.Phases;

/// <summary>A content of one's own writes to what a plain HttpClient gives it in every member of a stream: the same bytes arrive, the same failures are thrown.</summary>
public class WriteStreamParityTests
{
    private static readonly byte[] Bytes = [.. Enumerable.Range(0, 300_000).Select(number => (byte)('a' + (number % 26)))];

    private static readonly (string Name, Func<Stream, Task<string>> Run)[] Members =
    [
        ("Write(byte[])", s => { s.Write(Bytes, 1, 10); return Done; }),
        ("Write(Span)", s => { s.Write(Bytes.AsSpan(0, 7)); return Done; }),
        ("WriteByte", s => { s.WriteByte((byte)'x'); return Done; }),
        ("WriteAsync(byte[])", async s => { await s.WriteAsync(Bytes, 2, 10, default); return "done"; }),
        ("WriteAsync(Memory)", async s => { await s.WriteAsync(Bytes.AsMemory(0, 9)); return "done"; }),
        ("WriteAsync(large)", async s => { await s.WriteAsync(Bytes); return "done"; }),
        ("Write(large)", s => { s.Write(Bytes); return Done; }),
        ("WriteAsync(nothing)", async s => { await s.WriteAsync(ReadOnlyMemory<byte>.Empty); return "done"; }),
        ("Write(null)", s => { s.Write(null!, 0, 1); return Done; }),
        ("Write(out of range)", s => { s.Write(Bytes, Bytes.Length, 1); return Done; }),
        ("WriteAsync(out of range)", async s => { await s.WriteAsync(Bytes, -1, 1); return "done"; }),
        ("BeginWrite", s => { s.EndWrite(s.BeginWrite(Bytes, 0, 4, null, null)); return Done; }),
        ("Flush", s => { s.Flush(); return Done; }),
        ("FlushAsync", async s => { await s.FlushAsync(); return "done"; }),
        ("FlushAsync(cancelled)", async s => { await s.FlushAsync(new CancellationToken(true)); return "done"; }),
        ("CanRead", s => Task.FromResult($"{s.CanRead}")),
        ("CanWrite", s => Task.FromResult($"{s.CanWrite}")),
        ("CanSeek", s => Task.FromResult($"{s.CanSeek}")),
        ("CanTimeout", s => Task.FromResult($"{s.CanTimeout}")),
        ("WriteTimeout", s => Task.FromResult($"{s.WriteTimeout}")),
        ("Length", s => Task.FromResult($"{s.Length}")),
        ("Position", s => Task.FromResult($"{s.Position}")),
        ("Position = 0", s => Task.FromResult($"{s.Position = 0}")),
        ("Seek", s => Task.FromResult($"{s.Seek(0, SeekOrigin.Begin)}")),
        ("SetLength", s => { s.SetLength(1); return Done; }),
        ("Read", s => Task.FromResult($"{s.Read(new byte[1], 0, 1)}")),
        ("Read(Span)", s => Task.FromResult($"{s.Read(new byte[1].AsSpan())}")),
        ("ReadByte", s => Task.FromResult($"{s.ReadByte()}")),
        ("ReadAsync", async s => $"{await s.ReadAsync(new byte[1])}"),
        ("BeginRead", s => Task.FromResult($"{s.EndRead(s.BeginRead(new byte[1], 0, 1, null, null))}")),
        ("CopyTo", s => { s.CopyTo(Stream.Null); return Done; }),
        ("CopyToAsync", async s => { await s.CopyToAsync(Stream.Null); return "done"; }),
    ];

    private static Task<string> Done => Task.FromResult("done");

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task Every_member_does_what_the_stream_of_a_plain_client_does_in_random_orders(int version)
    {
        var seed = Random.Shared.Next();
        TestContext.Current.TestOutputHelper?.WriteLine($"seed {seed}");
        var seen = "";
        await using var server = await WebServer.StartAsync(
            async context =>
            {
                using var body = new MemoryStream();
                await context.Request.Body.CopyToAsync(body);
                seen = $"{context.Request.ContentLength}, {Convert.ToHexString(System.Security.Cryptography.SHA256.HashData(body.ToArray()))}";
            },
            version);
        await using var app = new HttpApp(client: HttpApp.Speaking(version));
        using var plain = new HttpClient(new SocketsHttpHandler());
        using var pipeline = app.Services.GetRequiredService<IHttpClientFactory>().CreateClient(HttpApp.Name);
        var (random, used) = (new Random(seed), new HashSet<string>());
        for (var walk = 0; walk < 200; walk++)
        {
            var members = Enumerable.Range(0, random.Next(1, 8)).Select(_ => Members[random.Next(Members.Length)]).ToArray();
            var known = random.Next(3) == 0 ? random.Next(0, 40) : (int?)null;
            used.UnionWith(members.Select(member => member.Name));
            var results = new List<string>();
            foreach (var client in new[] { plain, pipeline })
            {
                seen = "nothing";
                var content = new Scripted(members, known);
                var outcome = await SendAsync(client, server.Address, version, content);

                // Of a request that failed, the server may or may not have begun with it when the connection closed.
                results.Add($"{outcome}; {(outcome == nameof(HttpRequestException) ? "" : seen)}; {string.Join(", ", content.Results)}");
            }

            Assert.True(results[0] == results[1], $"seed {seed}: {string.Join(", ", members.Select(member => member.Name))}, length {known}\nplain: {results[0]}\nours:  {results[1]}");
        }

        Assert.Equal(Members.Length, used.Count);
    }

    private static async Task<string> SendAsync(HttpClient client, Uri address, int version, HttpContent content)
    {
        using var request = new HttpRequestMessage(HttpMethod.Put, address)
        {
            Version = new Version(version, version == 2 ? 0 : 1),
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
            Content = content,
        };
        try
        {
            using var response = await client.SendAsync(request).WaitAsync(TimeSpan.FromSeconds(20));
            return $"{(int)response.StatusCode}";
        }
        catch (Exception failure) when (failure is HttpRequestException or ApiCallException)
        {
            return nameof(HttpRequestException);
        }
    }

    private sealed class Scripted((string Name, Func<Stream, Task<string>> Run)[] members, int? known) : HttpContent
    {
        public List<string> Results { get; } = [];

        protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context)
        {
            foreach (var (name, run) in members)
            {
                try
                {
                    Results.Add(await run(stream));
                }
                catch (Exception failure) when (failure is not HttpRequestException)
                {
                    Results.Add(failure.GetType().Name);
                }
            }
        }

        protected override bool TryComputeLength(out long length)
        {
            length = known ?? 0;
            return known is not null;
        }
    }
}
