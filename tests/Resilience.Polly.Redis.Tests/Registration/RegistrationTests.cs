using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using StackExchange.Redis;

namespace Resilience.Polly.Redis.Tests;

/// <summary>What <c>AddRedis</c> registers, and what it refuses.</summary>
public sealed class RegistrationTests
{
    [Fact]
    public async Task AddRedis_registers_every_store_and_the_options_for_the_core()
    {
        var services = new ServiceCollection();
        services.AddResilience().AddRedis("localhost", options => (options.Quorum, options.InstanceName) = (3, "shop-1"));
        await using var application = services.BuildServiceProvider(new ServiceProviderOptions { ValidateOnBuild = true, ValidateScopes = true });

        Assert.All(
            [typeof(IIdempotencyStore), typeof(ISharedCircuitStore), typeof(ISharedBulkheadStore), typeof(ISharedInstanceStore), typeof(ISharedStateConnection)],
            type => Assert.StartsWith("Redis", application.GetRequiredService(type).GetType().Name, StringComparison.Ordinal));
        var options = application.GetRequiredService<SharedStateOptions>();
        Assert.Equal((3, "shop-1"), (options.Quorum, options.InstanceName));
        Assert.Same(options, application.GetRequiredService<IOptions<RedisOptions>>().Value);
    }

    [Fact]
    public void Defaults_are_those_of_the_documentation()
    {
        var options = new RedisOptions();

        Assert.Equal(("resilience", TimeSpan.FromMilliseconds(40)), (options.KeyPrefix, options.CommandTimeout));
        Assert.NotEqual(options.InstanceName, new RedisOptions().InstanceName);
    }

    [Fact]
    public async Task Faulty_options_prevent_the_start_with_all_faults_at_once()
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Services.AddResilience().AddRedis("localhost", options =>
        {
            options.KeyPrefix = "{a}";
            options.CommandTimeout = TimeSpan.FromSeconds(11);
            options.InstanceName = "";
            options.Quorum = 0;
            options.SyncInterval = TimeSpan.FromSeconds(61);
            options.SlotLease = TimeSpan.Zero;
        });
        using var host = builder.Build();

        var refusal = await Assert.ThrowsAsync<OptionsValidationException>(() => host.StartAsync());

        Assert.Equal(
            [
                "KeyPrefix = \"{a}\": 1 to 100 printable characters of ASCII are expected, without spaces, braces, *, ?, [, ] and backslashes",
                "CommandTimeout = 00:00:11: out of range, allowed is 00:00:00.0050000 to 00:00:10",
                "InstanceName = \"\": 1 to 100 printable characters are expected",
                "Quorum = 0: out of range, allowed is 1 to 1000",
                "SyncInterval = 00:01:01: out of range, allowed is 00:00:00.1000000 to 00:01:00",
                "SlotLease = 00:00:00: out of range, allowed is 00:00:01 to 00:10:00",
            ],
            refusal.Failures);
    }

    [Fact]
    public void Bounds_of_the_options_are_allowed_and_their_neighbours_are_not()
    {
        (Action<RedisOptions> Set, bool IsAllowed)[] cases =
        [
            (o => o.KeyPrefix = new('k', 100), true), (o => o.KeyPrefix = new('k', 101), false), (o => o.KeyPrefix = "", false), (o => o.KeyPrefix = "a b", false), (o => o.KeyPrefix = null!, false),
            (o => o.KeyPrefix = "shop:prod", true), (o => o.KeyPrefix = "shöp", false), (o => o.KeyPrefix = "a*", false),
            (o => o.CommandTimeout = TimeSpan.FromMilliseconds(5), true), (o => o.CommandTimeout = TimeSpan.FromMilliseconds(5) - TimeSpan.FromTicks(1), false),
            (o => o.CommandTimeout = TimeSpan.FromSeconds(10), true), (o => o.CommandTimeout = TimeSpan.FromSeconds(10) + TimeSpan.FromTicks(1), false),
            (o => o.InstanceName = new('i', 100), true), (o => o.InstanceName = new('i', 101), false), (o => o.InstanceName = "a\nb", false), (o => o.InstanceName = " ", false),
            (o => o.Quorum = 1000, true), (o => o.Quorum = 1001, false),
        ];
        Assert.All(cases, one =>
        {
            var services = new ServiceCollection();
            services.AddResilience().AddRedis("localhost", one.Set);
            using var application = services.BuildServiceProvider();
            Assert.Equal(one.IsAllowed, Record.Exception(() => application.GetRequiredService<SharedStateOptions>()) is null);
        });
    }

    [Fact]
    public void Second_Redis_is_refused()
    {
        var builder = new ServiceCollection().AddResilience().AddRedis("localhost");

        Assert.Contains("AddRedis was called before", Assert.Throws<InvalidOperationException>(() => builder.AddRedis("localhost")).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Null_is_refused_with_the_name_of_the_argument()
    {
        var builder = new ServiceCollection().AddResilience();

        Assert.Equal("configuration", Assert.Throws<ArgumentNullException>(() => builder.AddRedis((string)null!)).ParamName);
        Assert.Equal("connection", Assert.Throws<ArgumentNullException>(() => builder.AddRedis((IConnectionMultiplexer)null!)).ParamName);
        Assert.Equal("connection", Assert.Throws<ArgumentNullException>(() => builder.AddRedis((Func<IServiceProvider, IConnectionMultiplexer>)null!)).ParamName);
        Assert.Equal("builder", Assert.Throws<ArgumentNullException>(() => ((IResilienceBuilder)null!).AddRedis("localhost")).ParamName);
    }
}
