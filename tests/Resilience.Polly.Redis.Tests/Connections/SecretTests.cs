using Microsoft.Extensions.DependencyInjection;

namespace Resilience.Polly.Redis.Tests;

/// <summary>Neither credentials nor keys get into names, logs or exceptions.</summary>
public sealed class SecretTests(GarnetEngine garnet)
{
    private const string Secret = "Sup3rS3cret";

    [Theory]
    [InlineData($"localhost,password={Secret},unknownPart{Secret}=1")]
    [InlineData($"localhost,connectTimeout={Secret}")]
    [InlineData($"password={Secret}")]
    [InlineData("")]
    public void Connection_string_that_cannot_be_read_is_not_shown(string configuration)
    {
        var builder = new ServiceCollection().AddResilience();

        var refusal = Assert.Throws<ArgumentException>(() => builder.AddRedis(configuration));

        Assert.Equal("configuration", refusal.ParamName);
        Assert.StartsWith("This is no connection string for Redis: ", refusal.Message, StringComparison.Ordinal);
        Assert.DoesNotContain(Secret, refusal.ToString(), StringComparison.Ordinal);
        Assert.Null(refusal.InnerException);
    }

    [Fact]
    public async Task Refused_password_and_key_are_shown_nowhere()
    {
        using var server = await RedisServerProcess.StartAsync("--requirepass", "the-right-one");
        await using var clients = new RedisClients(server.Address);
        await using var application = clients.Open(more: $",password={Secret},user=default");
        var store = application.GetRequiredService<IIdempotencyStore>();

        var failure = await Assert.ThrowsAsync<SharedStateUnavailableException>(async () => await store.RenewAsync($"key-{Secret}", Secret, TimeSpan.FromSeconds(1), false));

        Assert.NotEmpty(clients.Log.Lines);
        var connection = application.GetRequiredService<ISharedStateConnection>();
        Assert.Equal($"Redis at {server.Address}", connection.Name);
        Assert.All([failure.ToString(), connection.Name, connection.ToString()!, store.ToString()!, .. clients.Log.Lines], text => Assert.DoesNotContain(Secret, text, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Key_of_a_command_that_timed_out_is_shown_nowhere()
    {
        using var server = await RedisServerProcess.StartAsync();
        await using var clients = new RedisClients(server.Address);
        await using var application = await clients.OpenAsync(more: ",asyncTimeout=100");
        var store = application.GetRequiredService<IIdempotencyStore>();
        server.Freeze();

        // The driver gives up first here, with a message of its own.
        var failure = await Assert.ThrowsAsync<SharedStateUnavailableException>(async () => await store.RenewAsync($"key-{Secret}", Secret, TimeSpan.FromSeconds(1), false));
        server.Thaw();

        Assert.All([failure.ToString(), .. clients.Log.Lines], text => Assert.DoesNotContain(Secret, text, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("redis.internal,password=x", "Redis at redis.internal:6379")]
    [InlineData("user=u,password=x,10.0.0.1:7000,b:1,c:2,d:3,e:4", "Redis at 10.0.0.1:7000, b:1, c:2 and 2 more")]
    [InlineData("[::1]:7000,ssl=true,password=x", "Redis at [::1]:7000")]
    public async Task Name_is_where_the_servers_are(string configuration, string name)
    {
        var services = new ServiceCollection();
        services.AddResilience().AddRedis(configuration);
        await using var application = services.BuildServiceProvider();

        Assert.Equal(name, application.GetRequiredService<ISharedStateConnection>().Name);
    }

    [Fact]
    public async Task Name_of_a_connection_of_the_application_has_no_credentials()
    {
        await using var connection = await StackExchange.Redis.ConnectionMultiplexer.ConnectAsync($"{garnet.Address},password={Secret},abortConnect=false,connectTimeout=500,connectRetry=1");
        var services = new ServiceCollection();
        services.AddResilience().AddRedis(connection);
        await using var application = services.BuildServiceProvider();
        application.GetRequiredService<ISharedStateConnection>();
        await Assert.ThrowsAnyAsync<Exception>(async () => await application.GetRequiredService<ISharedInstanceStore>().BeatAsync("", TimeSpan.Zero));

        Assert.DoesNotContain(Secret, application.GetRequiredService<ISharedStateConnection>().Name, StringComparison.Ordinal);
    }
}
