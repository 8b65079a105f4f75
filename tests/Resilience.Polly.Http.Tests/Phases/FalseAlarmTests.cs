using System.Diagnostics;
using System.Net;
using Microsoft.AspNetCore.Http;

namespace Resilience.Polly.Http.Tests.Phases;

/// <summary>What is slow but alive is left alone.</summary>
[Collection(nameof(RealTime))]
public class FalseAlarmTests
{
    private static readonly TimeSpan Short = TimeSpan.FromMilliseconds(200);

    [Fact]
    public async Task Read_a_byte_every_100_ms_for_2_s_at_a_limit_of_200_ms()
    {
        await using var server = new ScriptedServer(Reply.Trickle(20, TimeSpan.FromMilliseconds(100)));
        await using var app = new HttpApp(o => o.Timeout.Read = Short);
        await RealTime.IsLeftAloneAsync(async () =>
        {
            using var response = await app.Client.GetAsync(server.Address.AbsoluteUri);
            Assert.Equal(new string('x', 20), await response.Content.ReadAsStringAsync());
        });
    }

    [Fact]
    public async Task Write_a_producer_that_takes_longer_than_both_limits_between_two_writes()
    {
        await using var server = new ScriptedServer(Reply.Ok());
        await using var app = new HttpApp(o => (o.Timeout.Read, o.Timeout.Write) = (Short, Short));
        await RealTime.IsLeftAloneAsync(async () =>
            (await app.Client.PutAsync(server.Address.AbsoluteUri, new SlowContent(parts: 3, pause: 2 * Short))).Dispose());
        Assert.Equal("part part part ", server.Requests.Last().Text);
    }

    [Fact]
    public async Task Read_a_consumer_that_takes_longer_than_the_limit_between_two_reads()
    {
        await using var server = new ScriptedServer(Reply.Bytes(200, new byte[4 << 20]));
        await using var app = new HttpApp(o => o.Timeout.Read = Short);
        await RealTime.IsLeftAloneAsync(async () =>
        {
            using var response = await app.Client.GetAsync(server.Address.AbsoluteUri, options: new() { StreamResponse = true });
            var (body, total, buffer) = (await response.Content.ReadAsStreamAsync(), 0, new byte[1 << 20]);
            for (var reads = 0; await body.ReadAsync(buffer) is > 0 and var count; reads++)
            {
                total += count;
                if (reads < 3)
                {
                    await Task.Delay(2 * Short);
                }
            }

            Assert.Equal(4 << 20, total);
        });
    }

    [Fact]
    public async Task Read_a_copy_to_a_target_that_takes_longer_than_the_limit_for_a_piece()
    {
        await using var server = new ScriptedServer(Reply.Bytes(200, new byte[4 << 20]));
        await using var app = new HttpApp(o => o.Timeout.Read = Short);
        await RealTime.IsLeftAloneAsync(async () =>
        {
            using var response = await app.Client.GetAsync(server.Address.AbsoluteUri, options: new() { StreamResponse = true });
            var target = new SlowTarget(pauses: 3, pause: 2 * Short);
            await response.Content.CopyToAsync(target);
            Assert.Equal(4 << 20, target.Position);
        });
    }

    [Fact]
    public async Task Write_24_MB_drained_steadily_in_2_s_at_a_limit_of_1_s()
    {
        await using var server = new ScriptedServer(Reply.Drain(bytesPerSecond: 12 << 20));
        await using var app = new HttpApp(o => o.Timeout.Write = TimeSpan.FromSeconds(1));
        await RealTime.IsLeftAloneAsync(async () =>
        {
            using var response = await app.Client.PutAsync(server.Address.AbsoluteUri, new ByteArrayContent(new byte[24 << 20]));
            Assert.Equal($"{24 << 20}", await response.Content.ReadAsStringAsync());
        });
    }

    [Fact]
    public async Task Expect_continue_that_the_server_ignores()
    {
        await using var server = new ScriptedServer(Reply.Ok());
        await using var app = new HttpApp(
            o => (o.Timeout.Read, o.Timeout.Write) = (Short, Short),
            HttpApp.Speaking(1, more: handler => handler.Expect100ContinueTimeout = 2 * Short));
        await RealTime.IsLeftAloneAsync(() => ExpectAsync(app, server, "patience"));
        Assert.Equal("patience", server.Requests.Last().Text);
    }

    [Fact]
    public async Task Expect_continue_that_the_server_answers()
    {
        await using var server = new ScriptedServer(Reply.Ok().Continuing());
        await using var app = new HttpApp(o => o.Timeout.Read = Short);
        await RealTime.IsLeftAloneAsync(() => ExpectAsync(app, server, "at once"));
        Assert.Equal("at once", server.Requests.Last().Text);
    }

    private static async Task ExpectAsync(HttpApp app, ScriptedServer server, string body)
    {
        using var request = new HttpRequestMessage(HttpMethod.Put, server.Address) { Content = new StringContent(body), Headers = { ExpectContinue = true } };
        (await app.Client.SendAsync(request)).Dispose();
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task Pool_zero_with_an_idle_connection(int version)
    {
        await using var server = await WebServer.StartAsync(context => context.Response.WriteAsync("ok"), version, streams: 1);
        await using var app = new HttpApp(client: HttpApp.Speaking(version, maxConnections: 1));
        (await app.Client.GetAsync(server.Address.AbsoluteUri)).Dispose();

        // HTTP/2 gives the stream back a moment after the answer has been read.
        for (var left = 50; ; left--)
        {
            try
            {
                (await app.Client.GetAsync(server.Address.AbsoluteUri, options: new() { PoolTimeout = TimeSpan.Zero })).Dispose();
                return;
            }
            catch (PoolTimeoutException) when (version == 2 && left > 0)
            {
                await Task.Yield();
            }
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task All_limits_at_50_ms_over_1000_fast_requests(int version)
    {
        await using var server = await WebServer.StartAsync(context => context.Response.WriteAsync("ok"), version);
        await using var app = new HttpApp(
            o => (o.Timeout.Connect, o.Timeout.Read, o.Timeout.Write, o.Timeout.Pool) = (TimeSpan.FromSeconds(5), TimeSpan.FromSeconds(5), TimeSpan.FromSeconds(5), TimeSpan.FromSeconds(5)),
            HttpApp.Speaking(version));
        (await app.Client.GetAsync(server.Address.AbsoluteUri)).Dispose(); // what happens once per process takes longer than 50 ms
        var limit = TimeSpan.FromMilliseconds(50);
        var options = new ResilientRequestOptions { ConnectTimeout = limit, ReadTimeout = limit, WriteTimeout = limit, PoolTimeout = limit };
        var answered = 0;
        for (var i = 0; i < 1000; i++)
        {
            var began = Stopwatch.GetTimestamp();
            try
            {
                (await app.Client.GetAsync(server.Address.AbsoluteUri, options: options)).Dispose();
                answered++;
            }
            catch (ApiTimeoutException)
            {
                // Not a false alarm where the machine did hold it up for so long.
                Assert.True(Stopwatch.GetElapsedTime(began) >= limit, $"request {i} was ended after {Stopwatch.GetElapsedTime(began).TotalMilliseconds:0.0} ms");
            }
        }

        Assert.InRange(answered, 950, 1000);
    }

    private sealed class SlowContent(int parts, TimeSpan pause) : HttpContent
    {
        protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context)
        {
            for (var part = 0; part < parts; part++)
            {
                await Task.Delay(pause);
                await stream.WriteAsync("part "u8.ToArray());
                await stream.FlushAsync();
            }
        }

        protected override bool TryComputeLength(out long length)
        {
            length = 0;
            return false;
        }
    }

    /// <summary>Takes its time for the first few pieces.</summary>
    private sealed class SlowTarget(int pauses, TimeSpan pause) : MemoryStream
    {
        private int _writes;

        public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
        {
            if (_writes++ < pauses)
            {
                await Task.Delay(pause, cancellationToken);
            }

            await base.WriteAsync(buffer, cancellationToken);
        }
    }
}
