using System.Net;
using System.Threading.Channels;
using Microsoft.AspNetCore.Http;

namespace Resilience.Polly.Http.Tests.Phases;

/// <summary>Over HTTP/2 both directions are open at once. Each has its own limit, which runs while somebody waits on it and only then.</summary>
[Collection(nameof(RealTime))]
public class DuplexTests
{
    private static readonly TimeSpan Short = TimeSpan.FromMilliseconds(300);

    private static readonly TimeSpan Long = TimeSpan.FromSeconds(60);

    // No limit of the tests is near it: what has not ended by then hangs.
    private static readonly TimeSpan Hangs = TimeSpan.FromSeconds(20);

    [Fact]
    public async Task Reader_that_waits_times_out_although_the_writer_goes_on_flushing()
    {
        await using var call = await OpenAsync(read: Short, write: Long, async context =>
        {
            await context.Response.Body.FlushAsync();
            await context.Request.Body.CopyToAsync(Stream.Null);
        });
        using var stop = new CancellationTokenSource();
        var writing = Task.Run(async () =>
        {
            using var timer = new PeriodicTimer(Short / 10);
            while (await timer.WaitForNextTickAsync(stop.Token))
            {
                await call.WriteAsync("piece");
            }
        });

        var broken = await Assert.ThrowsAnyAsync<IOException>(() => call.ReadAsync().WaitAsync(Hangs));
        Assert.Equal((TimeoutPhase.Read, Short), PhaseOf(broken));
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<Exception>(() => writing);
    }

    [Fact]
    public async Task Reader_that_is_busy_is_left_alone_when_the_body_of_the_request_ends()
    {
        var sent = new TaskCompletionSource();
        await using var call = await OpenAsync(read: Short, write: Long, async context =>
        {
            await context.Response.Body.FlushAsync();
            await context.Request.Body.CopyToAsync(Stream.Null);
            sent.SetResult();
            await context.Response.WriteAsync("late");
        });
        await call.WriteAsync("piece");
        call.EndBody();
        await sent.Task.WaitAsync(Hangs);
        await Task.Delay(4 * Short);
        Assert.Equal("late", await call.ReadAsync());
        Assert.Equal("", await call.ReadAsync());
    }

    [Fact]
    public async Task Reader_that_is_busy_is_left_alone_while_pieces_are_flushed()
    {
        await using var call = await OpenAsync(read: Short, write: Short, async context =>
        {
            await context.Response.WriteAsync("first");
            await context.Request.Body.CopyToAsync(Stream.Null);
            await context.Response.WriteAsync("last");
        });
        Assert.Equal("first", await call.ReadAsync());
        for (var piece = 0; piece < 8; piece++)
        {
            await call.WriteAsync("piece");
            await Task.Delay(Short / 2);
        }

        call.EndBody();
        Assert.Equal("last", await call.ReadAsync());
    }

    [Fact]
    public async Task Writer_that_waits_times_out_although_the_reader_goes_on_reading()
    {
        var write = TimeSpan.FromSeconds(1);
        await using var call = await OpenAsync(read: Long, write, async context =>
        {
            // Nobody reads the body, and the window of the stream fills up.
            while (!context.RequestAborted.IsCancellationRequested)
            {
                await context.Response.WriteAsync("tick");
                await context.Response.Body.FlushAsync();
                await Task.Delay(50);
            }
        });
        var writing = call.WriteAsync(new byte[4 << 20]);
        var broken = await Assert.ThrowsAnyAsync<IOException>(async () =>
        {
            while (true)
            {
                await call.ReadAsync().WaitAsync(Hangs);
            }
        });
        Assert.Equal((TimeoutPhase.Write, write), PhaseOf(broken));
        await Assert.ThrowsAnyAsync<Exception>(() => writing.WaitAsync(Hangs));
    }

    [Fact]
    public async Task Writer_that_waits_times_out_although_the_answer_has_ended()
    {
        var write = TimeSpan.FromSeconds(1);
        var goOn = new TaskCompletionSource();
        await using var call = await OpenAsync(read: Long, write, async context =>
        {
            await context.Response.WriteAsync("all of it");
            await context.Response.CompleteAsync();
            await goOn.Task;
        });
        Assert.Equal("all of it", await call.ReadAsync());
        Assert.Equal("", await call.ReadAsync());
        await Assert.ThrowsAnyAsync<Exception>(() => call.WriteAsync(new byte[4 << 20]).WaitAsync(Hangs));
        goOn.SetResult();
    }

    [Fact]
    public async Task Writer_whose_content_is_slow_is_left_alone_although_the_answer_has_ended()
    {
        var seen = new TaskCompletionSource<string>();
        await using var call = await OpenAsync(read: Short, write: Short, async context =>
        {
            await context.Response.WriteAsync("all of it");
            await context.Response.CompleteAsync();
            seen.SetResult(await new StreamReader(context.Request.Body).ReadToEndAsync());
        });
        Assert.Equal("all of it", await call.ReadAsync());
        Assert.Equal("", await call.ReadAsync());
        await Task.Delay(3 * Short);
        await call.WriteAsync("piece");
        call.EndBody();
        Assert.Equal("piece", await seen.Task.WaitAsync(Hangs));
    }

    [Fact]
    public async Task Reader_that_waits_times_out_after_the_body_of_the_request_has_ended()
    {
        await using var call = await OpenAsync(read: Short, write: Long, async context =>
        {
            await context.Response.Body.FlushAsync();
            await WebServer.HangAsync(context);
        });
        call.EndBody();
        Assert.Equal((TimeoutPhase.Read, Short), PhaseOf(await Assert.ThrowsAnyAsync<IOException>(() => call.ReadAsync().WaitAsync(Hangs))));
    }

    [Fact]
    public async Task Read_that_its_reader_cancels_leaves_the_stream_to_the_next_read()
    {
        var next = new TaskCompletionSource();
        await using var call = await OpenAsync(read: Long, write: Long, async context =>
        {
            await context.Response.Body.FlushAsync();
            await next.Task;
            await context.Response.WriteAsync("after all");
        });
        using var impatient = new CancellationTokenSource();
        var read = call.ReadAsync(impatient.Token);
        await impatient.CancelAsync();
        Assert.Equal(impatient.Token, (await Assert.ThrowsAnyAsync<OperationCanceledException>(() => read.WaitAsync(Hangs))).CancellationToken);
        next.SetResult();
        Assert.Equal("after all", await call.ReadAsync().WaitAsync(Hangs));
    }

    private static (TimeoutPhase, TimeSpan?) PhaseOf(IOException broken)
    {
        var timeout = Assert.IsType<ApiTimeoutException>(broken.InnerException);
        return (timeout.Phase, timeout.Limit);
    }

    private static async Task<Call> OpenAsync(TimeSpan read, TimeSpan write, RequestDelegate answer)
    {
        var server = await WebServer.StartAsync(answer, version: 2);
        var app = new HttpApp(o => (o.Timeout.Read, o.Timeout.Write) = (read, write), HttpApp.Speaking(2));
        var body = new ChannelContent();

        // The server answers the head at once, or the first byte when it comes.
        var response = await app.Client.PostAsync(server.Address.AbsoluteUri, body, options: new() { StreamResponse = true }).WaitAsync(Hangs);
        return new Call(server, app, body, response, await response.Content.ReadAsStreamAsync());
    }

    private sealed record Call(WebServer Server, HttpApp App, ChannelContent Body, HttpResponseMessage Response, Stream Answer) : IAsyncDisposable
    {
        private readonly byte[] _buffer = new byte[1024];

        public Task WriteAsync(string piece) => WriteAsync(System.Text.Encoding.UTF8.GetBytes(piece));

        public Task WriteAsync(byte[] piece) => Body.WriteAsync(piece);

        public void EndBody() => Body.End();

        public async Task<string> ReadAsync(CancellationToken cancellationToken = default) =>
            System.Text.Encoding.UTF8.GetString(_buffer, 0, await Answer.ReadAsync(_buffer, cancellationToken));

        public async ValueTask DisposeAsync()
        {
            Body.End();
            Response.Dispose();
            await App.DisposeAsync();
            await Server.DisposeAsync();
        }
    }

    /// <summary>Sends what it is given when it is given it, as gRPC does.</summary>
    private sealed class ChannelContent : HttpContent
    {
        private readonly Channel<(byte[] Piece, TaskCompletionSource Flushed)> _pieces = Channel.CreateUnbounded<(byte[], TaskCompletionSource)>();

        /// <summary>Ends when the transport has taken the piece.</summary>
        public Task WriteAsync(byte[] piece)
        {
            var flushed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            return _pieces.Writer.TryWrite((piece, flushed)) ? flushed.Task : throw new IOException("The body has ended.");
        }

        public void End() => _pieces.Writer.TryComplete();

        protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) => SerializeToStreamAsync(stream, context, default);

        protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken)
        {
            // The head is not sent by itself.
            await stream.FlushAsync(cancellationToken);
            await foreach (var (piece, flushed) in _pieces.Reader.ReadAllAsync(cancellationToken))
            {
                try
                {
                    await stream.WriteAsync(piece, cancellationToken);
                    await stream.FlushAsync(cancellationToken);
                    flushed.SetResult();
                }
                catch (Exception failure)
                {
                    _pieces.Writer.TryComplete(failure);
                    flushed.SetException(failure);
                    throw;
                }
            }
        }

        protected override bool TryComputeLength(out long length)
        {
            length = 0;
            return false;
        }
    }
}
