using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace Resilience.Polly.AspNetCore.Idempotency.Execution;

/// <summary>
/// Cancels handlers when the time for the shutdown of the host is over. Until then a handler may end what it has begun, as all requests may; a server tells no one whose caller has hung up.
/// </summary>
internal sealed class HostStop : IDisposable
{
    private readonly CancellationTokenSource _source;
    private readonly CancellationTokenRegistration _stopping;

    public HostStop(IHostApplicationLifetime lifetime, IOptions<HostOptions> options, TimeProvider clock)
    {
        _source = new(Timeout.InfiniteTimeSpan, clock);
        _stopping = lifetime.ApplicationStopping.Register(() => _source.CancelAfter(options.Value.ShutdownTimeout));
    }

    public CancellationToken Token => _source.Token;

    public void Dispose()
    {
        _stopping.Dispose();
        _source.Dispose();
    }
}
