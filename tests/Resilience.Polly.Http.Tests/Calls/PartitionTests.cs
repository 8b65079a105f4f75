using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace Resilience.Polly.Http.Tests.Calls;

/// <summary>Many hosts behind one pipeline.</summary>
public class PartitionTests
{
    [Fact]
    public async Task Three_dead_hosts_of_ten_cost_the_others_no_call()
    {
        const int Hosts = 10;
        const int Dead = 3;
        var servers = new List<WebServer>();
        var deaf = new List<Uri>();
        try
        {
            for (var host = 0; host < Hosts - Dead; host++)
            {
                servers.Add(await WebServer.StartAsync(context => context.Response.WriteAsync("here")));
            }

            for (var host = 0; host < Dead; host++)
            {
                deaf.Add(FreeAddress());
            }

            await using var services = new ServiceCollection()
                .AddResilience(Json.Section("""{ "Pipelines": { "hosts": { "PartitionBy": "Authority", "Retry": { "MinWait": "00:00:00.0100000", "MaxWait": "00:00:00.0500000" } } } }"""))
                .Services.AddHttpClient("hosts").AddResilience().Services.BuildServiceProvider();
            var client = services.GetRequiredService<IHttpClientFactory>().CreateClient("hosts");
            var monitor = services.GetRequiredService<IResilienceMonitor>();
            Uri[] all = [.. servers.Select(server => server.Address), .. deaf];
            var (good, bad, late, mostOpen) = (0, 0, new List<TimeSpan>(), 0);
            var started = Stopwatch.GetTimestamp();
            for (var round = 0; round < 60; round++)
            {
                var results = await Task.WhenAll(all.Select(async address =>
                {
                    var begun = Stopwatch.GetTimestamp();
                    var ok = await Record.ExceptionAsync(async () => (await client.GetAsync(address)).Dispose()) is null;
                    return (IsAlive: servers.Any(server => server.Address == address), ok, Took: Stopwatch.GetElapsedTime(begun));
                }));
                good += results.Count(result => result is { IsAlive: true, ok: true });
                bad += results.Count(result => result is { IsAlive: true, ok: false } or { IsAlive: false, ok: true });
                late.AddRange(results.Where(result => Stopwatch.GetElapsedTime(started) > TimeSpan.FromSeconds(2) && !result.IsAlive).Select(result => result.Took));
                mostOpen = Math.Max(mostOpen, monitor.GetSnapshot("hosts").OpenCircuits);
            }

            Assert.Equal((60 * (Hosts - Dead), 0), (good, bad));
            var now = monitor.GetSnapshot("hosts");
            Assert.Equal((Dead, Dead), (now.OpenCircuits, mostOpen));
            Assert.Equal(
                deaf.Select(address => $"http://127.0.0.1:{address.Port}").Order(StringComparer.Ordinal),
                now.Partitions.Where(partition => partition.CircuitBreaker.State == global::Polly.CircuitBreaker.CircuitState.Open).Select(partition => partition.Key));
            Assert.Equal(Hosts, now.Partitions.Count);

            // Calls to a dead host cost next to nothing once its circuit is open: within two seconds the caller has as much as the healthy hosts can give.
            Assert.All(late, took => Assert.InRange(took, TimeSpan.Zero, TimeSpan.FromSeconds(1)));
        }
        finally
        {
            foreach (var server in servers)
            {
                await server.DisposeAsync();
            }
        }
    }

    [Fact]
    public async Task MaxOpenShare_keeps_circuits_closed_when_most_hosts_are_dead()
    {
        await using var services = new ServiceCollection()
            .AddResilience(Json.Section("""{ "Pipelines": { "hosts": { "PartitionBy": "Authority", "Retry": { "MaxAttempts": 1 } } } }"""))
            .Services.AddHttpClient("hosts").AddResilience().Services.BuildServiceProvider();
        var client = services.GetRequiredService<IHttpClientFactory>().CreateClient("hosts");
        var monitor = services.GetRequiredService<IResilienceMonitor>();
        Uri[] dead = [.. Enumerable.Range(0, 10).Select(_ => FreeAddress())];
        for (var round = 0; round < 8; round++)
        {
            await Task.WhenAll(dead.Select(address => Record.ExceptionAsync(() => client.GetAsync(address)).AsTask()));
            Assert.InRange(monitor.GetSnapshot("hosts").OpenCircuits, 0, 5);
        }

        Assert.Equal(5, monitor.GetSnapshot("hosts").OpenCircuits);
    }

    [Fact]
    public async Task Key_of_the_request_comes_before_its_authority()
    {
        await using var server = await WebServer.StartAsync(context => context.Response.WriteAsync("here"));
        await using var services = new ServiceCollection()
            .AddResilience(Json.Section($$"""{ "Pipelines": { "hosts": { "PartitionBy": "Authority", "BaseAddress": "{{server.Address}}" } } }"""))
            .Services.AddResilientClient("hosts").Services.BuildServiceProvider();
        var client = services.GetRequiredService<IResilientClientFactory>().CreateClient("hosts");
        (await client.GetAsync("", options: new() { Partition = "tenant-7" })).Dispose();
        (await client.GetAsync("")).Dispose();

        Assert.Equal(
            [$"http://127.0.0.1:{server.Address.Port}", "tenant-7"],
            services.GetRequiredService<IResilienceMonitor>().GetSnapshot("hosts").Partitions.Select(partition => partition.Key));
        var refused = await Assert.ThrowsAsync<ArgumentException>(() => client.GetAsync("", options: new() { Partition = "" }));
        Assert.Equal("Partition", refused.ParamName);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Default_for_all_clients_needs_the_template_of_last_resort(bool hasTemplate)
    {
        await using var server = await WebServer.StartAsync(context => context.Response.WriteAsync("here"));
        await using var services = new ServiceCollection()
            .AddResilience(Json.Section(hasTemplate ? """{ "Defaults": { "Retry": { "MaxAttempts": 4 } }, "Pipelines": { "*": {} } }""" : """{ "Pipelines": { "other": {} } }"""))
            .Services.AddHttpClient().ConfigureHttpClientDefaults(clients => clients.AddResilience()).BuildServiceProvider();
        var factory = services.GetRequiredService<IHttpClientFactory>();
        if (hasTemplate)
        {
            (await factory.CreateClient("known-at-run-time").GetAsync(server.Address)).Dispose();
            var snapshot = services.GetRequiredService<IResilienceMonitor>().GetSnapshot("known-at-run-time");
            Assert.Equal((1, 4), (snapshot.Calls.Succeeded, snapshot.Options.Retry.MaxAttempts));
        }
        else
        {
            Assert.Throws<KeyNotFoundException>(() => factory.CreateClient("known-at-run-time"));
        }
    }

    // Nothing listens there: the connection is refused.
    private static Uri FreeAddress()
    {
        using var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        return new($"http://127.0.0.1:{((IPEndPoint)socket.LocalEndPoint!).Port}/");
    }
}
