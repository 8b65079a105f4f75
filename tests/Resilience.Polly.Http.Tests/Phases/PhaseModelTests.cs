using System.Net;
using static Resilience.Polly.Http.Tests.Phases.MessageStateTests;

namespace Resilience.Polly.Http.Tests.Phases;

/// <summary>
/// The handler does what the states say: it ends an attempt when a limit that runs is over, neither earlier nor later, and names that
/// limit. The transport, the content and the reader are the test's, and so is the time.
/// </summary>
public class PhaseModelTests
{
    private static readonly TimeoutOptions Limits = new() { Read = TimeSpan.FromSeconds(30), Write = TimeSpan.FromSeconds(15) };

    [Fact]
    public async Task Attempt_ends_exactly_when_the_limit_of_one_who_waits_is_over_in_random_orders()
    {
        var seed = Random.Shared.Next();
        TestContext.Current.TestOutputHelper?.WriteLine($"seed {seed}");
        var (random, time, ends) = (new Random(seed), new TestClock(), new List<string>());
        var transport = new Transport();
        using var invoker = new HttpMessageInvoker(new PhaseTimeoutHandler(transport, Limits, time));
        for (var walk = 0; walk < 2000; walk++)
        {
            ends.Add(await WalkAsync(random, time, transport, invoker, $"seed {seed}, walk {walk}"));
        }

        var counted = ends.GroupBy(end => end).ToDictionary(group => group.Key, group => group.Count());
        TestContext.Current.TestOutputHelper?.WriteLine(string.Join(", ", counted));
        Assert.All(["Read", "Write", "over", "abandoned"], end => Assert.True(counted.GetValueOrDefault(end) > 20, $"seed {seed}: {end} came {counted.GetValueOrDefault(end)} times"));
    }

    private static async Task<string> WalkAsync(Random random, TestClock time, Transport transport, HttpMessageInvoker invoker, string told)
    {
        var world = World.Beginnings[random.Next(World.Beginnings.Count)] with { Connected = true };
        using var exchange = transport.Next = new Exchange(world);
        exchange.Sending = invoker.SendAsync(exchange.Request, CancellationToken.None);
        var (writeWaits, readWaits) = (TimeSpan.Zero, TimeSpan.Zero);
        for (var step = 0; step < 60; step++)
        {
            if (random.Next(2) == 0)
            {
                var passes = TimeSpan.FromSeconds(random.Next(1, 20));
                time.Advance(passes);
                (writeWaits, readWaits) = (writeWaits + passes, readWaits + passes);
                told += $", {passes.TotalSeconds} s";
                var (writeLate, readLate) = (
                    world.TransportWaitsToSend ? writeWaits - Limits.Write : TimeSpan.MinValue,
                    world.SomebodyWaitsToReceive ? readWaits - Limits.Read : TimeSpan.MinValue);
                var isOver = writeLate >= TimeSpan.Zero || readLate >= TimeSpan.Zero;
                Assert.True(exchange.Token.IsCancellationRequested == isOver, $"{told}: {world}, {(isOver ? "goes on" : "was ended")}");
                if (!isOver)
                {
                    continue;
                }

                var phase = writeLate > readLate ? TimeoutPhase.Write : TimeoutPhase.Read;
                if (!world.HasHead && world.Body == Body.Broken)
                {
                    // What the content itself threw comes first.
                    await Assert.ThrowsAsync<InvalidOperationException>(() => exchange.Sending);
                }
                else if (!world.HasHead)
                {
                    Assert.Equal((told, phase), (told, (await Assert.ThrowsAsync<PhaseTimeoutException>(() => exchange.Sending)).Phase));
                }
                else if (exchange.Reading is { } reading)
                {
                    Assert.Equal((told, phase), (told, Assert.IsType<PhaseTimeoutException>((await Assert.ThrowsAsync<IOException>(() => reading)).InnerException).Phase));
                }

                return phase.ToString();
            }

            var possible = Enum.GetValues<Event>().Where(what => world.Allows(what) && (what != Event.Abandoned || random.Next(20) == 0)).ToArray();
            if (possible.Length == 0)
            {
                continue;
            }

            var (next, before) = (possible[random.Next(possible.Length)], world);
            told += $", {next}";
            world = world.After(next);
            await exchange.DoAsync(next);
            if (next == Event.Abandoned)
            {
                return "abandoned";
            }

            // A wait goes on as long as the same one waits for the same.
            writeWaits = world.TransportWaitsToSend && before.TransportWaitsToSend && world.Body == before.Body ? writeWaits : TimeSpan.Zero;
            var isSameWait = world.HasHead ? world.Reading && before.Reading : !before.HasHead && world.Body == before.Body;
            readWaits = world.SomebodyWaitsToReceive && before.SomebodyWaitsToReceive && isSameWait ? readWaits : TimeSpan.Zero;
            if (world.Over && world.Body is not (Body.Making or Body.Taken or Body.NotAskedFor))
            {
                return "over";
            }
        }

        return "steps";
    }

    /// <summary>Takes what the test sends next.</summary>
    private sealed class Transport : HttpMessageHandler
    {
        public Exchange? Next { get; set; }

        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) =>
            Next!.Take(request, cancellationToken);
    }

    /// <summary>One message: everybody who has to do with it, each doing what the test says.</summary>
    private sealed class Exchange : IDisposable
    {
        private readonly TaskCompletionSource<HttpResponseMessage> _head = new();
        private readonly HandContent? _content;
        private readonly HandStream _network = new();
        private readonly HandStream _answer = new();
        private HttpContent? _sent;
        private Task? _piece;
        private Stream? _body;

        public Exchange(World world)
        {
            Request = new HttpRequestMessage(HttpMethod.Put, "http://a.example/");
            Request.Headers.ExpectContinue = world.Expects ? true : null;
            Request.Content = _content = world.HasBody ? new HandContent() : null;
        }

        public HttpRequestMessage Request { get; }

        public Task<HttpResponseMessage> Sending { get; set; } = null!;

        public CancellationToken Token { get; private set; }

        public Task<int>? Reading { get; private set; }

        public Task<HttpResponseMessage> Take(HttpRequestMessage request, CancellationToken token)
        {
            (_sent, Token) = (request.Content, token);
            token.Register(() => _head.TrySetCanceled(token));
            return _head.Task;
        }

        public void Dispose()
        {
            Request.Dispose();
            _network.Dispose();
            _answer.Dispose();
        }

        public async Task DoAsync(Event what)
        {
            switch (what)
            {
                case Event.TransportAsksForBody:
                    _content!.Making = new();
                    _ = _sent!.CopyToAsync(_network);
                    break;
                case Event.HandlerReadsBody:
                    var making = _content!.Making;
                    _content.Making = null;
                    await _sent!.CopyToAsync(Stream.Null);
                    _content.Making = making;
                    break;
                case Event.PieceBegun:
                    _piece = _content!.Target!.WriteAsync(new byte[10]).AsTask();
                    break;
                case Event.Flushed:
                    _piece = _content!.Target!.FlushAsync();
                    break;
                case Event.PieceEnded:
                    _network.End(0);
                    await _piece!;
                    break;
                case Event.BodyEnded:
                    _content!.Making!.SetResult();
                    break;
                case Event.BodyBroke:
                    _content!.Making!.SetException(new InvalidOperationException());
                    break;
                case Event.Head:
                    _head.SetResult(new HttpResponseMessage { Content = new StreamContent(_answer) });
                    _body = await (await Sending).Content.ReadAsStreamAsync();
                    break;
                case Event.ReadBegun:
                    Reading = _body!.ReadAsync(new byte[10]).AsTask();
                    break;
                case Event.EmptyReadBegun:
                    Reading = _body!.ReadAsync(Memory<byte>.Empty).AsTask();
                    break;
                case Event.ReadEnded:
                    _answer.End(1);
                    await Reading!;
                    Reading = null;
                    break;
                case Event.EndOfAnswer:
                    _answer.HasEnded = true;
                    Assert.Equal(0, await _body!.ReadAsync(new byte[10]));
                    break;
                case Event.Disposed:
                    (await Sending).Dispose();
                    break;
            }
        }
    }

    /// <summary>Gives its bytes when the test says so, or none at once.</summary>
    private sealed class HandContent : HttpContent
    {
        public TaskCompletionSource? Making { get; set; }

        public Stream? Target { get; private set; }

        protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context)
        {
            Target = Making is null ? Target : stream;
            return Making?.Task ?? Task.CompletedTask;
        }

        protected override bool TryComputeLength(out long length)
        {
            length = 0;
            return false;
        }
    }

    /// <summary>Reads and writes until the test ends them, or they are cancelled.</summary>
    private sealed class HandStream : Stream
    {
        private TaskCompletionSource<int>? _pending;

        public bool HasEnded { get; set; }

        public override bool CanRead => true;

        public override bool CanWrite => true;

        public override bool CanSeek => false;

        public override long Length => throw new NotSupportedException();

        public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

        public void End(int count) => _pending!.TrySetResult(count);

        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
            HasEnded ? new(0) : new(Pend(cancellationToken));

        public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default) => new(Pend(cancellationToken));

        public override Task FlushAsync(CancellationToken cancellationToken) => Pend(cancellationToken);

        public override void Flush() => throw new NotSupportedException();

        public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        private Task<int> Pend(CancellationToken cancellationToken)
        {
            var pending = _pending = new();
            cancellationToken.Register(() => pending.TrySetCanceled(cancellationToken));
            return pending.Task;
        }
    }
}
