using System.Net;
using Resilience.Polly.Http.Phases;

namespace Resilience.Polly.Http.Tests.Phases;

/// <summary>There is one endpoint per server while anybody uses it, and none afterwards.</summary>
[Collection(nameof(RealTime))] // it measures the memory of the process
public class EndpointsTests
{
    [Fact]
    public void Enter_20_000_servers_leaves_none_behind()
    {
        var endpoints = new Endpoints(int.MaxValue);
        var before = GC.GetTotalMemory(forceFullCollection: true);
        for (var host = 0; host < 20_000; host++)
        {
            var endpoint = endpoints.Enter(new Uri($"http://host{host}.example/"));
            var connection = new Connection(endpoint, TimeSpan.FromSeconds(10), TimeProvider.System);
            connection.Opened(multiplexed: false);
            Assert.Equal(1, endpoints.Count);
            connection.Closed();
            Assert.Equal(0, endpoints.Count);
        }

        Assert.InRange(GC.GetTotalMemory(forceFullCollection: true) - before, long.MinValue, 1 << 20);
    }

    [Fact]
    public async Task Servers_that_were_talked_to_are_forgotten_with_their_connections()
    {
        await using var server = new ScriptedServer(Reply.Status(200, "ok", ("Connection", "close")));
        var handler = new SocketsHttpHandler
        {
            ConnectCallback = async (_, token) =>
            {
                var socket = new System.Net.Sockets.Socket(System.Net.Sockets.SocketType.Stream, System.Net.Sockets.ProtocolType.Tcp);
                await socket.ConnectAsync(IPAddress.Loopback, server.Address.Port, token);
                return new System.Net.Sockets.NetworkStream(socket, ownsSocket: true);
            },
        };
        var phases = new PhaseTimeoutHandler(handler, new TimeoutOptions());
        using var http = new HttpClient(phases);
        for (var host = 0; host < 200; host++)
        {
            Assert.Equal("ok", await http.GetStringAsync($"http://host{host}.example/"));
        }

        await Assert.ThrowsAnyAsync<HttpRequestException>(() => http.GetStringAsync("https://127.0.0.1:1/"));
        for (var left = 1000; RememberedServers.Count(phases) > 0; left--)
        {
            Assert.True(left > 0, $"{RememberedServers.Count(phases)} servers are remembered");
            await Task.Delay(10);
        }
    }

    [Fact]
    public async Task Enter_gives_everybody_who_is_in_the_same_endpoint()
    {
        var seed = Environment.TickCount;
        var endpoints = new Endpoints(4);
        var inside = new Dictionary<int, (Endpoint Endpoint, int Count)>();
        var wrong = 0;
        await Task.WhenAll(Enumerable.Range(0, 8).Select(worker => Task.Run(() =>
        {
            var random = new Random(seed + worker);
            for (var round = 0; round < 40_000; round++)
            {
                var host = random.Next(3);
                var endpoint = endpoints.Enter(new DnsEndPoint($"host{host}", 80));
                lock (inside)
                {
                    var (present, count) = inside.GetValueOrDefault(host, (endpoint, 0));
                    wrong += count > 0 && present != endpoint ? 1 : 0;
                    inside[host] = (endpoint, count + 1);
                }

                // Stays by itself, with a connection, or with a request that waits.
                var waiter = new Waiter();
                var connection = random.Next(2) == 0 ? new Connection(endpoint, Timeout.InfiniteTimeSpan, TimeProvider.System) : null;
                if (random.Next(2) == 0)
                {
                    endpoint.Join(waiter);
                }

                if (random.Next(2) == 0)
                {
                    connection?.Opened(random.Next(2) == 0);
                }

                endpoint.Leave(waiter);
                lock (inside)
                {
                    inside[host] = (endpoint, inside[host].Count - 1);
                }

                if (connection is not null)
                {
                    connection.Closed();
                }
                else
                {
                    endpoint.Exit();
                }
            }
        })));
        Assert.True(wrong == 0 && endpoints.Count == 0, $"seed {seed}: {wrong} times two endpoints of one server, {endpoints.Count} left");
    }

    [Fact]
    public void Leave_by_the_last_who_waits_forgets_the_server()
    {
        var endpoints = new Endpoints(1);
        var (waiter, endpoint) = (new Waiter(), endpoints.Enter(new DnsEndPoint("host", 80)));
        endpoint.Join(waiter);
        endpoint.Exit();
        Assert.Equal(1, endpoints.Count);
        endpoint.Leave(waiter);
        Assert.Equal(0, endpoints.Count);
        Assert.False(endpoint.TryEnter());
    }

    private sealed class Waiter : IConnectionWaiter
    {
        public void LookAgain()
        {
        }
    }
}
