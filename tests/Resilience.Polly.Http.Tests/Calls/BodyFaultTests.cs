using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.DependencyInjection;
using Polly.CircuitBreaker;
using Polly.Timeout;

namespace Resilience.Polly.Http.Tests.Calls;

/// <summary>What a body throws while it is read for sending is no failure of the service, whatever its type says.</summary>
public class BodyFaultTests
{
    private static readonly Func<Exception>[] Faults =
    [
        () => new SocketException((int)SocketError.ConnectionReset),
        () => new TimeoutException("mine"),
        () => new HttpRequestException("mine"),
        () => new HttpRequestException("mine", null, HttpStatusCode.ServiceUnavailable),
        () => new HttpRequestException("mine", new IOException("deeper")),
        () => new HttpIOException(HttpRequestError.ResponseEnded, "mine"),
        () => new IOException("mine", new SocketException((int)SocketError.ConnectionReset)),
        () => new IOException("mine"),
        () => new ObjectDisposedException("mine"),
        () => new InvalidOperationException("mine"),
        () => new OperationCanceledException("mine"),
        () => new TaskCanceledException("mine", new TimeoutException()),
        () => new ApiConnectionException("mine"),
        () => new ApiUnavailableException("mine"),
        () => new BrokenCircuitException("mine"),
        () => new TimeoutRejectedException("mine"),
        () => new AggregateException(new SocketException()),
        () => new PhaseTimeoutException(TimeoutPhase.Read, TimeSpan.FromSeconds(1)),
    ];

    private static HttpContent Body(int kind, Exception fault, int before) => kind switch
    {
        0 => new FailingContent(fault, before),
        1 => new StreamContent(new FailingStream(fault, before)),
        2 => new MultipartContent { new StringContent("first"), new StreamContent(new FailingStream(fault, before)) },
        _ => new StreamContent(new FailingStream(fault, before) { Seeks = true }),
    };

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task Fault_of_any_type_at_any_place_reaches_the_caller_as_it_is(int version)
    {
        var seed = Environment.TickCount;
        var random = new Random(seed);
        await using var server = await WebServer.StartAsync(context => context.Request.Body.CopyToAsync(Stream.Null), version);
        await using var app = new HttpApp(
            o =>
            {
                o.Retry.MaxAttempts = 3;
                (o.CircuitBreaker.Mode, o.CircuitBreaker.FailureThreshold) = (CircuitBreakerMode.Enforce, 1000);
            },
            HttpApp.Speaking(version));
        var plain = app.Services.GetRequiredService<IHttpClientFactory>().CreateClient(HttpApp.Name);
        for (var i = 0; i < 72; i++)
        {
            var (fault, kind, before) = (Faults[i % Faults.Length](), random.Next(4), random.Next(3) switch { 0 => 0, 1 => random.Next(1, 1000), _ => 300_000 });
            var body = Body(kind, fault, before);
            var what = $"seed {seed}, case {i}: {fault.GetType().Name} after {before} bytes of body {kind}";

            var seen = await Record.ExceptionAsync(() => i % 2 == 0
                ? app.Client.PutAsync(server.Address.AbsoluteUri, body, "id")
                : plain.PutAsync(server.Address, body));

            Assert.True(ReferenceEquals(fault, seen), $"{what}: {seen}");
            Assert.True(app.Snapshot.CircuitBreaker.FailureCount == 0, what);
            Assert.True(app.Snapshot.Lifetime.Retries == 0, what);
        }

        Assert.Equal(72, app.Snapshot.Lifetime.Refused);
    }

    [Fact]
    public async Task Fault_leaves_the_count_of_the_circuit_as_it_is()
    {
        await using var server = new ScriptedServer(Reply.Status(500), Reply.Ok());
        await using var app = new HttpApp(o => (o.Retry.MaxAttempts, o.CircuitBreaker.Mode) = (3, CircuitBreakerMode.Enforce));
        await Record.ExceptionAsync(() => app.Client.GetAsync(server.Address.AbsoluteUri));

        await Assert.ThrowsAsync<TimeoutException>(() => app.Client.PutAsync(server.Address.AbsoluteUri, Body(1, new TimeoutException(), 10), "id"));

        Assert.Equal(1, app.Snapshot.CircuitBreaker.FailureCount);
    }

    [Fact]
    public async Task Fault_after_a_redirect_reaches_the_caller_as_it_is()
    {
        await using var server = new ScriptedServer((request, _) => request.Path == "/" ? Reply.Redirect(307, "/next") : Reply.Ok());
        await using var app = new HttpApp(o => o.Retry.MaxAttempts = 3);
        var fault = new SocketException((int)SocketError.ConnectionReset);
        var second = new FailingStream(fault, 10) { Seeks = true, FailsFrom = 2 };

        Assert.Same(fault, await Record.ExceptionAsync(() => app.Client.PutAsync(server.Address.AbsoluteUri, new StreamContent(second), "id")));
    }

    private sealed class FailingContent(Exception fault, int before) : HttpContent
    {
        protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context)
        {
            await stream.WriteAsync(new byte[before]);
            throw fault;
        }

        protected override bool TryComputeLength(out long length)
        {
            length = 0;
            return false;
        }
    }

    private sealed class FailingStream(Exception fault, int before) : Stream
    {
        private readonly int _before = before;
        private int _left = before;
        private int _reads;

        public bool Seeks { get; init; }

        /// <summary>In which reading from the start it fails.</summary>
        public int FailsFrom { get; init; } = 1;

        public override bool CanRead => true;

        public override bool CanSeek => Seeks;

        public override bool CanWrite => false;

        public override long Length => Seeks ? _before + 100 : throw new NotSupportedException();

        public override long Position
        {
            get => Seeks ? _before - _left : throw new NotSupportedException();
            set => _left = Seeks ? _before - (int)value : throw new NotSupportedException();
        }

        public override int Read(byte[] buffer, int offset, int count)
        {
            _reads += _left == _before ? 1 : 0;
            if (_left <= 0)
            {
                if (_reads >= FailsFrom)
                {
                    throw fault;
                }

                var rest = Math.Clamp(100 + _left, 0, count);
                _left -= rest;
                return rest;
            }

            var taken = Math.Min(count, _left);
            _left -= taken;
            return taken;
        }

        public override void Flush()
        {
        }

        public override long Seek(long offset, SeekOrigin origin) => Position = offset;

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    }
}
