using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

#pragma warning disable CA1835 // every member is meant to be called

namespace Resilience.Polly.Http.Tests.Phases;

/// <summary>The body of a streamed answer is as that of a plain HttpClient in every member of a stream: the same bytes, the same kinds of failures.</summary>
[Collection(nameof(RealTime))]
public class ReadStreamParityTests
{
    private static readonly string Text = string.Concat(Enumerable.Range(0, 40).Select(number => $"part {number} "));

    private static readonly Dictionary<string, string> Answers = new()
    {
        ["/length"] = $"HTTP/1.1 200 OK\r\nContent-Length: {Text.Length}\r\n\r\n{Text}",
        ["/chunked"] = $"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n{200:x}\r\n{Text[..200]}\r\n{Text.Length - 200:x}\r\n{Text[200..]}\r\n0\r\n\r\n",
        ["/close"] = $"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n{Text}",
        ["/empty"] = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        ["/nothing"] = "HTTP/1.1 204 No Content\r\n\r\n",
        ["/short"] = $"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n{Text}",
        ["/cut"] = $"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n{1000:x}\r\n{Text}",
        ["/garbled"] = $"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n{100:x}\r\n{Text[..100]}\r\nno size\r\n",
    };

    /// <summary>Every member, by what it gives.</summary>
    private static readonly (string Name, Func<Opened, Task<string>> Run)[] Members =
    [
        ("Read(byte[])", o => Task.FromResult(Got(o.Buffer, o.Stream.Read(o.Buffer, 3, 50), 3))),
        ("Read(Span)", o => Task.FromResult(Got(o.Buffer, o.Stream.Read(o.Buffer.AsSpan(0, 60)), 0))),
        ("ReadAsync(byte[])", async o => Got(o.Buffer, await o.Stream.ReadAsync(o.Buffer, 3, 50, default), 3)),
        ("ReadAsync(Memory)", async o => Got(o.Buffer, await o.Stream.ReadAsync(o.Buffer.AsMemory(0, 60)), 0)),
        ("ReadAsync(token)", async o => Got(o.Buffer, await o.Stream.ReadAsync(o.Buffer.AsMemory(0, 60), o.Token), 0)),
        ("ReadAsync(cancelled)", async o => Got(o.Buffer, await o.Stream.ReadAsync(o.Buffer, new CancellationToken(true)), 0)),
        ("ReadByte", o => Task.FromResult($"{o.Stream.ReadByte()}")),
        ("BeginRead", o => Task.FromResult(Got(o.Buffer, o.Stream.EndRead(o.Stream.BeginRead(o.Buffer, 0, 20, null, null)), 0))),
        ("ReadAtLeast", async o => Got(o.Buffer, await o.Stream.ReadAtLeastAsync(o.Buffer.AsMemory(0, 80), 80, throwOnEndOfStream: false), 0)),
        ("ReadExactly", async o => { await o.Stream.ReadExactlyAsync(o.Buffer.AsMemory(0, 100)); return Got(o.Buffer, 100, 0); }),
        ("Read(empty)", o => Task.FromResult($"{o.Stream.Read([], 0, 0)}")),
        ("Read(empty Span)", o => Task.FromResult($"{o.Stream.Read([])}")),
        ("ReadAsync(empty)", async o => $"{await o.Stream.ReadAsync(Memory<byte>.Empty)}"),
        ("Read(null)", o => Task.FromResult($"{o.Stream.Read(null!, 0, 1)}")),
        ("Read(out of range)", o => Task.FromResult($"{o.Stream.Read(o.Buffer, 90, 1000)}")),
        ("ReadAsync(out of range)", async o => $"{await o.Stream.ReadAsync(o.Buffer, -1, 1)}"),
        ("CopyTo", o => { using var copy = new MemoryStream(); o.Stream.CopyTo(copy); return Task.FromResult(Got(copy.ToArray(), (int)copy.Length, 0)); }),
        ("CopyTo(no size)", o => { o.Stream.CopyTo(Stream.Null, 0); return Task.FromResult("done"); }),
        ("CopyTo(no target)", o => { o.Stream.CopyTo(null!); return Task.FromResult("done"); }),
        ("CopyTo(target that cannot be written)", o => { o.Stream.CopyTo(new MemoryStream([], writable: false)); return Task.FromResult("done"); }),
        ("CopyToAsync", async o => { using var copy = new MemoryStream(); await o.Stream.CopyToAsync(copy); return Got(copy.ToArray(), (int)copy.Length, 0); }),
        ("CopyToAsync(cancelled)", async o => { await o.Stream.CopyToAsync(Stream.Null, new CancellationToken(true)); return "done"; }),
        ("Content.ReadAsString", o => o.Response.Content.ReadAsStringAsync()),
        ("Content.CopyTo", async o => { using var copy = new MemoryStream(); await o.Response.Content.CopyToAsync(copy); return Got(copy.ToArray(), (int)copy.Length, 0); }),
        ("Content.ReadAsStream", async o => $"{ReferenceEquals(o.Stream, await o.Response.Content.ReadAsStreamAsync())}"),
        ("ContentLength", o => Task.FromResult($"{o.Response.Content.Headers.ContentLength}")),
        ("CanRead", o => Task.FromResult($"{o.Stream.CanRead}")),
        ("CanWrite", o => Task.FromResult($"{o.Stream.CanWrite}")),
        ("CanSeek", o => Task.FromResult($"{o.Stream.CanSeek}")),
        ("CanTimeout", o => Task.FromResult($"{o.Stream.CanTimeout}")),
        ("ReadTimeout", o => Task.FromResult($"{o.Stream.ReadTimeout}")),
        ("Length", o => Task.FromResult($"{o.Stream.Length}")),
        ("Position", o => Task.FromResult($"{o.Stream.Position}")),
        ("Position = 0", o => Task.FromResult($"{o.Stream.Position = 0}")),
        ("Seek", o => Task.FromResult($"{o.Stream.Seek(0, SeekOrigin.Begin)}")),
        ("SetLength", o => { o.Stream.SetLength(1); return Task.FromResult("done"); }),
        ("Write", o => { o.Stream.Write([1, 2], 0, 2); return Task.FromResult("done"); }),
        ("Write(Span)", o => { o.Stream.Write([1, 2]); return Task.FromResult("done"); }),
        ("WriteByte", o => { o.Stream.WriteByte(1); return Task.FromResult("done"); }),
        ("WriteAsync", async o => { await o.Stream.WriteAsync(new byte[2].AsMemory()); return "done"; }),
        ("BeginWrite", o => { o.Stream.EndWrite(o.Stream.BeginWrite([1], 0, 1, null, null)); return Task.FromResult("done"); }),
        ("Flush", o => { o.Stream.Flush(); return Task.FromResult("done"); }),
        ("FlushAsync", async o => { await o.Stream.FlushAsync(); return "done"; }),
        ("Dispose", o => { o.Stream.Dispose(); return Task.FromResult("done"); }),
        ("DisposeAsync", async o => { await o.Stream.DisposeAsync(); return "done"; }),
        ("Close", o => { o.Stream.Close(); return Task.FromResult("done"); }),
        ("Response.Dispose", o => { o.Response.Dispose(); return Task.FromResult("done"); }),
    ];

    [Fact]
    public async Task Every_member_gives_what_the_stream_of_a_plain_client_gives_in_random_orders()
    {
        var seed = Random.Shared.Next();
        TestContext.Current.TestOutputHelper?.WriteLine($"seed {seed}");
        await using var http1 = new RawServer((path, write, _) => write(Answers[path]));
        await using var http2 = await WebServer.StartAsync(
            context => context.Request.Path == "/length" ? context.Response.WriteAsync(Text) : context.Response.CompleteAsync(), version: 2);
        await using var app = new HttpApp(client: HttpApp.Speaking(1));
        using var plain = new HttpClient(new SocketsHttpHandler());
        using var phases = new HttpClient(new PhaseTimeoutHandler(new SocketsHttpHandler(), new TimeoutOptions())) { Timeout = Timeout.InfiniteTimeSpan };
        using var pipeline = app.Services.GetRequiredService<IHttpClientFactory>().CreateClient(HttpApp.Name);
        var (random, differences, used) = (new Random(seed), new SortedSet<string>(), new HashSet<string>());
        for (var walk = 0; walk < 400; walk++)
        {
            var version = random.Next(4) == 0 ? 2 : 1;
            var path = version == 2 ? (random.Next(3) == 0 ? "/empty" : "/length") : Answers.Keys.ElementAt(random.Next(Answers.Count));
            var members = Enumerable.Range(0, random.Next(1, 8)).Select(_ => Members[random.Next(Members.Length)]).ToArray();
            var address = new Uri(version == 2 ? http2.Address : http1.Address, path);
            used.UnionWith(members.Select(member => member.Name));
            foreach (var (name, client) in new[] { ("phases", phases), ("pipeline", pipeline) })
            {
                // What comes in two pieces now and then gives other counts.
                for (var left = 10; left > 0; left--)
                {
                    var (expected, seen) = (await RunAsync(plain, address, version, members), await RunAsync(client, address, version, members));
                    if (expected.Zip(seen).All(both => IsAlike(both.First, both.Second)))
                    {
                        break;
                    }

                    if (left == 1)
                    {
                        var first = expected.Zip(seen).TakeWhile(both => IsAlike(both.First, both.Second)).Count();
                        differences.Add($"{name}, HTTP/{version} {path}, {string.Join(", ", members.Take(first + 1).Select(member => member.Name))}: {seen[first]}; plain: {expected[first]}");
                    }
                }
            }
        }

        Assert.True(differences.Count == 0, $"seed {seed}:\n{string.Join('\n', differences)}");
        Assert.Equal(Members.Length, used.Count);
    }

    // A subtype that is not public is as good as its public base.
    private static bool IsAlike(string plain, string ours) =>
        plain == ours || (plain == typeof(HttpProtocolException).FullName && ours == typeof(HttpIOException).FullName);

    private static async Task<List<string>> RunAsync(HttpClient client, Uri address, int version, (string Name, Func<Opened, Task<string>> Run)[] members)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, address)
        {
            Version = new Version(version, version == 2 ? 0 : 1),
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
        };
        request.SetRequestOptions(new ResilientRequestOptions { StreamResponse = true });
        using var response = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        using var cancellation = new CancellationTokenSource();
        var opened = new Opened(response, await response.Content.ReadAsStreamAsync(), new byte[100], cancellation.Token);
        var results = new List<string>();
        foreach (var (_, run) in members)
        {
            try
            {
                results.Add(await Task.Run(() => run(opened)).WaitAsync(TimeSpan.FromSeconds(20)));
            }
            catch (Exception failure)
            {
                // As code that catches knows it: the content throws HttpRequestException or one that derives from it.
                results.Add(failure is HttpRequestException or ApiCallException ? nameof(HttpRequestException) : failure.GetType().FullName!);
            }
        }

        return results;
    }

    private static string Got(byte[] buffer, int count, int offset) => $"{count}: {Encoding.ASCII.GetString(buffer, offset, count)}";

    private sealed record Opened(HttpResponseMessage Response, Stream Stream, byte[] Buffer, CancellationToken Token);
}
