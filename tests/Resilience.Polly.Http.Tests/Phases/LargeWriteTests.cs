using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;

namespace Resilience.Polly.Http.Tests.Phases;

/// <summary>A large write goes to the socket as one, and is cut into pieces where the socket does not take it at once. The server gets the same bytes.</summary>
[Collection(nameof(RealTime))]
public class LargeWriteTests
{
    [Fact]
    public async Task Write_of_any_sizes_to_a_server_that_reads_as_it_likes_gives_the_same_bytes()
    {
        var seed = Random.Shared.Next();
        TestContext.Current.TestOutputHelper?.WriteLine($"seed {seed}");
        var random = new Random(seed);
        await using var app = new HttpApp(o => o.Timeout.Write = TimeSpan.FromSeconds(20));
        using var plain = new HttpClient(new SocketsHttpHandler());
        var pieces = 0;
        for (var walk = 0; walk < 12; walk++)
        {
            var pace = random.Next();
            await using var server = new LoopbackListener((socket, _, stop) => AnswerWithHashesAsync(socket, new Random(pace), stop));
            var body = new byte[random.Next(1, 6 << 20)];
            random.NextBytes(body);
            int[] cuts = [0, .. Enumerable.Range(0, random.Next(4)).Select(_ => random.Next(body.Length)).Order(), body.Length];
            pieces += cuts.Length;
            foreach (var isChunked in new[] { false, true })
            {
                var address = $"http://127.0.0.1:{server.Port}/";
                using var direct = await plain.PutAsync(address, new Cut(body, cuts, isChunked));
                using var ours = await app.Client.PutAsync(address, new Cut(body, cuts, isChunked));
                var (expected, seen) = (await direct.Content.ReadAsStringAsync(), await ours.Content.ReadAsStringAsync());
                Assert.True(expected == seen, $"seed {seed}, walk {walk}, {body.Length} bytes cut at {string.Join(", ", cuts)}, chunked {isChunked}: {expected} and {seen}");
                Assert.True(seen == Convert.ToHexString(SHA256.HashData(body)), $"seed {seed}, walk {walk}");
            }
        }

        Assert.True(pieces > 12);
    }

    [Theory]
    [InlineData(4)]
    [InlineData(32)]
    public async Task Write_that_stalls_after_a_part_ends_within_the_limit_of_one_piece(int megabytes)
    {
        var limit = TimeSpan.FromSeconds(1);
        await using var server = new LoopbackListener(async (socket, _, stop) =>
        {
            socket.ReceiveBufferSize = 128 * 1024;
            for (var (read, buffer) = (0, new byte[64 * 1024]); read < megabytes << 18;) // a quarter
            {
                read += await socket.ReceiveAsync(buffer, stop);
            }

            await Task.Delay(Timeout.Infinite, stop);
        });
        await using var app = new HttpApp(o => (o.Timeout.Write, o.Timeout.Read) = (limit, TimeSpan.FromSeconds(2)));
        var began = TimeProvider.System.GetTimestamp();
        var failure = await Assert.ThrowsAsync<ApiTimeoutException>(
            () => app.Client.PutAsync($"http://127.0.0.1:{server.Port}/", new ByteArrayContent(new byte[megabytes << 20])).WaitAsync(TimeSpan.FromSeconds(30)));

        // What the buffers of the system hold is sent, as far as the client can see.
        Assert.True(failure.Phase == TimeoutPhase.Write || (megabytes == 4 && failure.Phase == TimeoutPhase.Read), $"{failure.Phase}");
        Assert.InRange(TimeProvider.System.GetElapsedTime(began), limit, 15 * limit);
    }

    private static async Task AnswerWithHashesAsync(Socket socket, Random pace, CancellationToken stop)
    {
        socket.ReceiveBufferSize = pace.Next(128, 512) * 1024; // with less than a packet of loopback, TCP waits for its own timers
        await using var stream = new NetworkStream(socket);
        var reader = new Slow(stream, pace);
        while (await LineAsync(reader, stop) is { Length: > 0 } request)
        {
            Assert.StartsWith("PUT", request);
            long? length = null;
            while (await LineAsync(reader, stop) is { Length: > 0 } header)
            {
                length = header.StartsWith("Content-Length:", StringComparison.OrdinalIgnoreCase) ? long.Parse(header[15..]) : length;
            }

            using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
            if (length is { } known)
            {
                await TakeAsync(reader, known, hash, stop);
            }
            else
            {
                while (Convert.ToInt32(await LineAsync(reader, stop), 16) is > 0 and var chunk)
                {
                    await TakeAsync(reader, chunk, hash, stop);
                    await LineAsync(reader, stop);
                }

                await LineAsync(reader, stop);
            }

            var text = Convert.ToHexString(hash.GetHashAndReset());
            await stream.WriteAsync(Encoding.ASCII.GetBytes($"HTTP/1.1 200 OK\r\nContent-Length: {text.Length}\r\n\r\n{text}"), stop);
        }
    }

    private static async Task<string> LineAsync(Stream stream, CancellationToken stop)
    {
        var (line, one) = (new StringBuilder(), new byte[1]);
        while (await stream.ReadAsync(one, stop) > 0 && one[0] != '\n')
        {
            line.Append((char)one[0]);
        }

        return line.ToString().TrimEnd('\r');
    }

    private static async Task TakeAsync(Stream stream, long count, IncrementalHash hash, CancellationToken stop)
    {
        var buffer = new byte[128 * 1024];
        while (count > 0)
        {
            var read = await stream.ReadAsync(buffer.AsMemory(0, (int)Math.Min(count, buffer.Length)), stop);
            hash.AppendData(buffer, 0, read > 0 ? read : throw new EndOfStreamException());
            count -= read;
        }
    }

    /// <summary>Reads as much as it likes, and sometimes makes the other side wait.</summary>
    private sealed class Slow(Stream stream, Random pace) : MemoryStream
    {
        public override bool CanWrite => false;

        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            if (buffer.Length > 1 && pace.Next(20) == 0)
            {
                await Task.Delay(pace.Next(1, 15), cancellationToken);
            }

            return await stream.ReadAsync(buffer[..pace.Next(1, buffer.Length + 1)], cancellationToken);
        }
    }

    private sealed class Cut(byte[] body, int[] cuts, bool isChunked) : HttpContent
    {
        protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context)
        {
            for (var i = 1; i < cuts.Length; i++)
            {
                await stream.WriteAsync(body.AsMemory(cuts[i - 1]..cuts[i]));
            }
        }

        protected override bool TryComputeLength(out long length)
        {
            length = body.Length;
            return !isChunked;
        }
    }
}
