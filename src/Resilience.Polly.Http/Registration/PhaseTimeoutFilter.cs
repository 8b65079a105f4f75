using Microsoft.Extensions.Http;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Resilience.Polly.Http;

/// <summary>
/// Puts the phase timeouts directly above the primary handler, when everybody else has had a say in what that is.
/// Called for each new handler: .NET makes one every two minutes.
/// </summary>
internal sealed class PhaseTimeoutFilter(
    IOptionsMonitor<ResilienceClientOptions> clients, LiveSettings settings, TimeProvider time, ILogger<PhaseTimeoutHandler> logger)
    : IHttpMessageHandlerBuilderFilter
{
    public Action<HttpMessageHandlerBuilder> Configure(Action<HttpMessageHandlerBuilder> next) => builder =>
    {
        next(builder);
        if (builder.Name is { } name && clients.Get(name).PipelineName is { } pipelineName)
        {
            var primary = builder.PrimaryHandler;
            var timed = new PhaseTimeoutHandler(primary, () => settings.Of(pipelineName).Timeout, time);
            if (!timed.SeesConnections)
            {
                Log.ConnectionsUnseen(logger, name, primary.GetType().Name);
            }

            builder.PrimaryHandler = timed;
        }
    };
}
