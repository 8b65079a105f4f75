using System.Threading.RateLimiting;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Resilience.Polly;
using Resilience.Polly.Primitives;
using Resilience.Polly.Redis;
using Resilience.Polly.Redis.Connections;
using Resilience.Polly.Redis.Options;
using Resilience.Polly.Redis.Primitives;
using Resilience.Polly.Redis.RateLimits;
using Resilience.Polly.Redis.Stores;
using StackExchange.Redis;

#pragma warning disable RS0026 // the overloads of AddRedis differ in a required argument, so no call fits two

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Shares state among the instances of an application through Redis.</summary>
public static class RedisResilienceBuilderExtensions
{
    /// <summary>
    /// Shares circuits, bulkheads, retry reserves and idempotency keys through Redis, over a connection of its own. The host starts without Redis too; each instance decides alone while Redis
    /// is gone.
    /// </summary>
    /// <param name="builder">The builder.</param>
    /// <param name="configuration">
    /// A connection string of StackExchange.Redis, such as <c>redis.internal:6380,user=shop,password=SECRET,ssl=true</c>. Unless it says otherwise, connecting takes at most 500 ms. Its
    /// <c>abortConnect</c> has no effect.
    /// </param>
    /// <param name="configure">Sets the options.</param>
    /// <returns>The same builder.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="builder"/> or <paramref name="configuration"/> is <see langword="null"/>.</exception>
    /// <exception cref="ArgumentException"><paramref name="configuration"/> is no connection string.</exception>
    /// <exception cref="InvalidOperationException">Redis was added before.</exception>
    /// <remarks>Options out of their range prevent the start of the host, with an <see cref="OptionsValidationException"/> that lists all of them.</remarks>
    public static IResilienceBuilder AddRedis(this IResilienceBuilder builder, string configuration, Action<RedisOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(configuration);
        var server = new OwnServer(configuration);
        return Add(builder, services => server.WaitAtLeast(services.GetRequiredService<IOptions<RedisOptions>>().Value.CommandTimeout), configure);
    }

    /// <summary>Shares state as <see cref="AddRedis(IResilienceBuilder, string, Action{RedisOptions}?)"/> does, over a connection of the application.</summary>
    /// <param name="builder">The builder.</param>
    /// <param name="connection">The connection. Its settings stay, and the application disposes it.</param>
    /// <param name="configure">Sets the options.</param>
    /// <returns>The same builder.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="builder"/> or <paramref name="connection"/> is <see langword="null"/>.</exception>
    /// <exception cref="InvalidOperationException">Redis was added before.</exception>
    public static IResilienceBuilder AddRedis(this IResilienceBuilder builder, IConnectionMultiplexer connection, Action<RedisOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(connection);
        return Add(builder, _ => new ApplicationServer(() => connection), configure);
    }

    /// <summary>Shares state as <see cref="AddRedis(IResilienceBuilder, string, Action{RedisOptions}?)"/> does, over a connection that the application makes.</summary>
    /// <param name="builder">The builder.</param>
    /// <param name="connection">Gives the connection. It runs in the background when the host starts, and again if it throws. Its settings stay, and the application disposes it.</param>
    /// <param name="configure">Sets the options.</param>
    /// <returns>The same builder.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="builder"/> or <paramref name="connection"/> is <see langword="null"/>.</exception>
    /// <exception cref="InvalidOperationException">Redis was added before.</exception>
    public static IResilienceBuilder AddRedis(this IResilienceBuilder builder, Func<IServiceProvider, IConnectionMultiplexer> connection, Action<RedisOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(connection);
        return Add(builder, services => new ApplicationServer(() => connection(services)), configure);
    }

    /// <summary>
    /// Adds a rate limiter that all instances share, such as one of the package RedisRateLimiting, as a keyed <see cref="RateLimiter"/> for <see cref="RateLimitOptions.Use"/>. While it does not
    /// answer, this instance uses a limiter of its own for its share. <c>AddRedis</c> must be called too.
    /// </summary>
    /// <param name="builder">The builder.</param>
    /// <param name="name">The key of the service.</param>
    /// <param name="shared">
    /// Creates the shared limiter, once. Callers wait for it at most <see cref="RedisOptions.CommandTimeout"/>, so it must not have a queue.
    /// </param>
    /// <param name="local">Creates the limiter of this instance. Its argument is how many instances ran when Redis last said so: divide the permits by it, and leave at least one.</param>
    /// <returns>The same builder.</returns>
    /// <exception cref="ArgumentNullException">An argument is <see langword="null"/>.</exception>
    /// <remarks>The container disposes both limiters. A pipeline with <c>RateLimit:MaxWait</c> of zero gets no permit of the shared limiter, since asking takes time.</remarks>
    public static IResilienceBuilder AddSharedRateLimiter(this IResilienceBuilder builder, string name, Func<IServiceProvider, RateLimiter> shared, Func<int, RateLimiter> local)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentNullException.ThrowIfNull(name);
        ArgumentNullException.ThrowIfNull(shared);
        ArgumentNullException.ThrowIfNull(local);
        builder.Services.AddKeyedSingleton<RateLimiter>(name, (services, _) =>
        {
            _ = services.GetService<RedisConnection>() ?? throw new InvalidOperationException($"AddSharedRateLimiter(\"{name}\") needs AddRedis.");
            var timeout = services.GetRequiredService<IOptions<RedisOptions>>().Value.CommandTimeout;
            return new SharedRateLimiter(name, shared(services), local, () => InstancesOf(services), timeout, Clock(services), Logger(services));
        });
        return builder;
    }

    private static IResilienceBuilder Add(IResilienceBuilder builder, Func<IServiceProvider, RedisServer> server, Action<RedisOptions>? configure)
    {
        ArgumentNullException.ThrowIfNull(builder);
        var services = builder.Services;
        if (services.Any(service => service.ServiceType == typeof(RedisConnection)))
        {
            throw new InvalidOperationException("AddRedis was called before. All instances share one Redis.");
        }

        services.AddOptions<RedisOptions>().Configure(options => configure?.Invoke(options)).ValidateOnStart();
        services.AddSingleton<IValidateOptions<RedisOptions>>(new OptionFaultsValidation<RedisOptions>(RedisOptionFaults.Of));
        services.AddSingleton(provider => new RedisConnection(server(provider), provider.GetRequiredService<IOptions<RedisOptions>>().Value, Clock(provider), Logger(provider)));
        services.Replace(ServiceDescriptor.Singleton<SharedStateOptions>(provider => provider.GetRequiredService<IOptions<RedisOptions>>().Value));
        services.Replace(ServiceDescriptor.Singleton<ISharedStateConnection>(provider => provider.GetRequiredService<RedisConnection>()));
        services.Replace(ServiceDescriptor.Singleton<ISharedInstanceStore, RedisInstanceStore>());
        services.Replace(ServiceDescriptor.Singleton<ISharedCircuitStore, RedisCircuitStore>());
        services.Replace(ServiceDescriptor.Singleton<ISharedBulkheadStore, RedisBulkheadStore>());
        services.Replace(ServiceDescriptor.Singleton<IIdempotencyStore, RedisIdempotencyStore>());
        return builder;
    }

    private static int InstancesOf(IServiceProvider services) => services.GetRequiredService<IResilienceMonitor>().GetSharedState()?.Instances.Count ?? 1;

    private static TimeProvider Clock(IServiceProvider services) => services.GetService<TimeProvider>() ?? TimeProvider.System;

    private static ILogger Logger(IServiceProvider services) => services.GetService<ILoggerFactory>()?.CreateLogger(Log.Category) ?? NullLogger.Instance;
}
