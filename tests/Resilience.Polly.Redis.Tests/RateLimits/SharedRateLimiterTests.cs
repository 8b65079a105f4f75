using System.Diagnostics;
using System.Threading.RateLimiting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Polly.Registry;
using RedisRateLimiting;

namespace Resilience.Polly.Redis.Tests;

/// <summary>A limiter of the package RedisRateLimiting in the rate-limit block of two instances, with and without its server.</summary>
public sealed class SharedRateLimiterTests(GarnetEngine garnet)
{
    private const int Permits = 10;

    private static readonly TimeSpan Window = TimeSpan.FromHours(1);

    [Fact]
    public async Task Instances_share_the_permits_of_one_limiter()
    {
        await using var clients = new RedisClients(garnet.Address);
        var (one, other) = (await OpenAsync(clients), await OpenAsync(clients));

        Assert.Equal(Permits, await CallsAsync(one, 6) + await CallsAsync(other, 6));
        Assert.Equal(0, await CallsAsync(one, 1) + await CallsAsync(other, 1));
        Assert.Empty(clients.Log.Lines);
    }

    [Fact]
    public async Task Each_instance_has_its_share_while_the_server_is_gone_and_shares_again_when_it_is_back()
    {
        using var server = await RedisServerProcess.StartAsync();
        await using var clients = new RedisClients(server.Address);
        var (one, other) = (await OpenAsync(clients), await OpenAsync(clients));
        await BeatAsync(one);
        await BeatAsync(other);
        await BeatAsync(one);
        Assert.Equal(2, await CallsAsync(one, 1) + await CallsAsync(other, 1));
        await RedisClients.UntilAsync(() => new[] { one, other }.All(application => application.GetRequiredService<IResilienceMonitor>().GetSharedState()!.Instances.Count == 2));
        server.Kill();

        Assert.Equal(Permits / 2, await CallsAsync(one, Permits));
        Assert.Equal(Permits / 2, await CallsAsync(other, Permits));
        Assert.Contains(clients.Log.Lines, line =>
            line.StartsWith("Warning: The shared rate limiter 'search' does not answer: ", StringComparison.Ordinal) && line.EndsWith("uses its own share for 2 instances", StringComparison.Ordinal));

        // It comes back empty, with all its permits.
        await server.StartAgainAsync();
        await RedisClients.UntilAsync(async () => await CallsAsync(one, 1) + await CallsAsync(other, 1) > 0);
        Assert.Contains("Information: The shared rate limiter 'search' answers again", clients.Log.Lines);
    }

    [Fact]
    public async Task Frozen_server_costs_a_call_at_most_the_limit_and_later_calls_nothing()
    {
        using var server = await RedisServerProcess.StartAsync();
        await using var clients = new RedisClients(server.Address);
        var application = await OpenAsync(clients, TimeSpan.FromMilliseconds(50));
        await CallsAsync(application, 1);
        server.Freeze();

        var start = Stopwatch.GetTimestamp();
        Assert.Equal(1, await CallsAsync(application, 1));
        Assert.InRange(Stopwatch.GetElapsedTime(start), TimeSpan.Zero, TimeSpan.FromMilliseconds(750));
        start = Stopwatch.GetTimestamp();
        await CallsAsync(application, 50);
        Assert.InRange(Stopwatch.GetElapsedTime(start), TimeSpan.Zero, TimeSpan.FromSeconds(1.5));
        server.Thaw();
    }

    [Fact]
    public async Task Limiter_that_throws_at_once_is_replaced_by_the_local_one()
    {
        var log = new LogRecorder("Resilience.Polly.Redis");
        var services = new ServiceCollection().AddLogging(logging => logging.AddProvider(log));
        services.AddResilience().AddRedis(garnet.Address).AddSharedRateLimiter("x", _ => new Throwing(), Local);
        await using var application = services.BuildServiceProvider();
        var limiter = application.GetRequiredKeyedService<RateLimiter>("x");

        Assert.True((await limiter.AcquireAsync()).IsAcquired);
        Assert.True(limiter.AttemptAcquire().IsAcquired);
        Assert.Equal(Permits - 2, limiter.GetStatistics()!.CurrentAvailablePermits);
        Assert.Contains("Warning: The shared rate limiter 'x' does not answer: TimeZoneNotFoundException. Until it does, this instance uses its own share for 1 instances", log.Lines);
        Assert.All(log.Lines, line => Assert.DoesNotContain("secret", line, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Caller_that_cancels_gets_no_local_permit()
    {
        var services = new ServiceCollection();
        services.AddResilience().AddRedis(garnet.Address, options => options.CommandTimeout = TimeSpan.FromSeconds(10)).AddSharedRateLimiter("x", _ => new Silent(), Local);
        await using var application = services.BuildServiceProvider();
        using var cancelled = new CancellationTokenSource();
        var asked = application.GetRequiredKeyedService<RateLimiter>("x").AcquireAsync(1, cancelled.Token).AsTask();
        await cancelled.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => asked.WaitAsync(TimeSpan.FromSeconds(5)));
    }

    [Fact]
    public async Task Shared_limiter_without_AddRedis_says_what_is_missing()
    {
        var services = new ServiceCollection();
        services.AddResilience().AddSharedRateLimiter("x", _ => new Throwing(), Local);
        await using var application = services.BuildServiceProvider();

        Assert.Equal("AddSharedRateLimiter(\"x\") needs AddRedis.", Assert.Throws<InvalidOperationException>(() => application.GetRequiredKeyedService<RateLimiter>("x")).Message);
    }

    [Fact]
    public void Null_is_refused_with_the_name_of_the_argument()
    {
        var builder = new ServiceCollection().AddResilience();

        Assert.Equal("builder", Assert.Throws<ArgumentNullException>(() => ((IResilienceBuilder)null!).AddSharedRateLimiter("x", _ => new Throwing(), Local)).ParamName);
        Assert.Equal("name", Assert.Throws<ArgumentNullException>(() => builder.AddSharedRateLimiter(null!, _ => new Throwing(), Local)).ParamName);
        Assert.Equal("shared", Assert.Throws<ArgumentNullException>(() => builder.AddSharedRateLimiter("x", null!, Local)).ParamName);
        Assert.Equal("local", Assert.Throws<ArgumentNullException>(() => builder.AddSharedRateLimiter("x", _ => new Throwing(), null!)).ParamName);
    }

    private static FixedWindowRateLimiter Local(int instances) => new(new() { PermitLimit = Math.Max(1, Permits / instances), Window = Window });

    private static async Task<ServiceProvider> OpenAsync(RedisClients clients, TimeSpan? limit = null)
    {
        var direct = await clients.DirectAsync();
        return await clients.OpenAsync(
            options => options.CommandTimeout = limit ?? options.CommandTimeout,
            services => services.AddResilience()
                .AddSharedRateLimiter(
                    "search",
                    _ => new RedisFixedWindowRateLimiter<string>(clients.Prefix, new() { ConnectionMultiplexerFactory = () => direct, PermitLimit = Permits, Window = Window }),
                    Local)
                .AddPipeline("search", (options, services) =>
                {
                    options.Retry.MaxAttempts = 1;
                    options.RateLimit.MaxWait = TimeSpan.FromSeconds(20);
                    options.RateLimit.Use(services.GetRequiredKeyedService<RateLimiter>("search"));
                }),
            more: limit is null ? null : ",connectTimeout=500,asyncTimeout=100");
    }

    // As the core does, under the same name.
    private static async Task BeatAsync(ServiceProvider application) =>
        await application.GetRequiredService<ISharedInstanceStore>().BeatAsync(application.GetRequiredService<SharedStateOptions>().InstanceName, TimeSpan.FromHours(1));

    /// <returns>How many calls got a permit.</returns>
    private static async Task<int> CallsAsync(ServiceProvider application, int count)
    {
        var pipeline = application.GetRequiredService<ResiliencePipelineProvider<string>>().GetPipeline("search");
        var made = 0;
        for (var call = 0; call < count; call++)
        {
            try
            {
                await pipeline.ExecuteAsync(_ => ValueTask.FromResult(made++));
            }
            catch (RateLimitedException)
            {
            }
        }

        return made;
    }

    private sealed class Throwing : RateLimiter
    {
        public override TimeSpan? IdleDuration => null;

        public override RateLimiterStatistics? GetStatistics() => null;

        protected override RateLimitLease AttemptAcquireCore(int permitCount) => throw new TimeZoneNotFoundException("secret");

        protected override ValueTask<RateLimitLease> AcquireAsyncCore(int permitCount, CancellationToken cancellationToken) => throw new TimeZoneNotFoundException("secret");
    }

    private sealed class Silent : RateLimiter
    {
        public override TimeSpan? IdleDuration => null;

        public override RateLimiterStatistics? GetStatistics() => null;

        protected override RateLimitLease AttemptAcquireCore(int permitCount) => throw new TimeZoneNotFoundException();

        protected override ValueTask<RateLimitLease> AcquireAsyncCore(int permitCount, CancellationToken cancellationToken) => new(new TaskCompletionSource<RateLimitLease>().Task);
    }
}
