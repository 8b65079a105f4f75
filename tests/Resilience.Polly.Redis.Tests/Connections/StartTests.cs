using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Resilience.Polly.Redis.Tests;

/// <summary>The start of an application, with and without Redis.</summary>
public sealed class StartTests(GarnetEngine garnet)
{
    [Fact]
    public async Task Host_starts_without_Redis_and_uses_it_when_it_comes()
    {
        using var server = RedisServerProcess.Stopped();
        using var host = HostOn(server.Address);
        var connection = host.Services.GetRequiredService<ISharedStateConnection>();
        var restored = new TaskCompletionSource();
        connection.Restored += () => restored.TrySetResult();

        var start = Stopwatch.GetTimestamp();
        await host.StartAsync();
        Assert.InRange(Stopwatch.GetElapsedTime(start), TimeSpan.Zero, TimeSpan.FromSeconds(5));
        await Assert.ThrowsAsync<SharedStateUnavailableException>(async () => await host.Services.GetRequiredService<ISharedInstanceStore>().BeatAsync("a", TimeSpan.FromSeconds(1)));
        Assert.False(connection.IsAvailable);

        await server.StartAgainAsync();
        await restored.Task.WaitAsync(RedisClients.Patience);
        Assert.True(connection.IsAvailable);
        await host.StopAsync();
    }

    [Fact]
    public async Task Server_that_accepts_and_never_answers_delays_neither_the_start_nor_a_call()
    {
        using var deaf = new TcpListener(IPAddress.Loopback, 0);
        deaf.Start();
        using var host = HostOn($"127.0.0.1:{((IPEndPoint)deaf.LocalEndpoint).Port}");
        await host.StartAsync();
        var store = host.Services.GetRequiredService<ISharedInstanceStore>();

        var start = Stopwatch.GetTimestamp();
        await Assert.ThrowsAsync<SharedStateUnavailableException>(async () => await store.BeatAsync("a", TimeSpan.FromSeconds(1)));
        await Assert.ThrowsAsync<SharedStateUnavailableException>(async () => await store.BeatAsync("a", TimeSpan.FromSeconds(1)));

        Assert.InRange(Stopwatch.GetElapsedTime(start), TimeSpan.Zero, TimeSpan.FromSeconds(2));
        await host.StopAsync();
    }

    [Fact]
    public async Task Application_that_connects_late_or_fails_at_first_delays_nothing()
    {
        await using var clients = new RedisClients(garnet.Address);
        var direct = await clients.DirectAsync();
        var (tries, gate) = (0, new TaskCompletionSource());
        var services = new ServiceCollection();
        services.AddResilience().AddRedis(
            _ =>
            {
                gate.Task.Wait();
                return Interlocked.Increment(ref tries) < 3 ? throw new InvalidOperationException("not yet") : direct;
            },
            options => options.KeyPrefix = clients.Prefix);
        await using var application = services.BuildServiceProvider();
        var connection = application.GetRequiredService<ISharedStateConnection>();

        await Assert.ThrowsAsync<SharedStateUnavailableException>(async () => await application.GetRequiredService<ISharedInstanceStore>().BeatAsync("a", TimeSpan.FromSeconds(1)));
        Assert.Equal("Redis", connection.Name);
        gate.SetResult();
        await RedisClients.UntilAsync(() => connection.IsAvailable);

        Assert.Equal(3, tries);
        Assert.Equal($"Redis at {garnet.Address}", connection.Name);
    }

    [Fact]
    public async Task Connection_string_with_TLS_leads_to_TLS_with_its_host()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        using var host = HostOn($"127.0.0.1:{((IPEndPoint)listener.LocalEndpoint).Port},ssl=true,sslHost=redis.test");
        await host.StartAsync();
        using var client = await listener.AcceptTcpClientAsync().WaitAsync(RedisClients.Patience);
        var hello = new byte[1024];
        var length = await client.GetStream().ReadAsync(hello).AsTask().WaitAsync(RedisClients.Patience);

        Assert.Equal(0x16, hello[0]);
        Assert.Contains("redis.test", Encoding.ASCII.GetString(hello, 0, length), StringComparison.Ordinal);
        await host.StopAsync();
    }

    private static IHost HostOn(string address)
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Services.AddResilience().AddRedis(address);
        return builder.Build();
    }
}
