using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using Resilience.Polly.Redis.Connections;

namespace Resilience.Polly.Redis.Registration;

/// <summary>Connects to Redis when the host starts, in the background: the host starts without Redis too.</summary>
internal sealed class RedisStartup(IServiceProvider services, IOptions<RedisOptions> options) : IHostedService
{
    public Task StartAsync(CancellationToken cancellationToken)
    {
        _ = options.Value; // faulty options prevent the start
        ((RedisConnection)services.GetService(typeof(RedisConnection))!).Start();
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
