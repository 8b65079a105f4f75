using System.Collections.Concurrent;
using Microsoft.Extensions.Http;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Resilience.Polly.Http.Calls;
using Resilience.Polly.Http.Clients;

namespace Resilience.Polly.Http.Registration;

/// <summary>
/// Puts the phase timeouts directly above the primary handler, after all other code has set that handler.
/// Called for each new handler: .NET creates one every two minutes. The warning comes with the first of them.
/// </summary>
internal sealed class PhaseTimeoutFilter(
    IOptionsMonitor<ResilienceClientOptions> clients, CurrentOptions settings, ILogger<PhaseTimeoutHandler> logger, TimeProvider? time = null)
    : IHttpMessageHandlerBuilderFilter
{
    private readonly ConcurrentDictionary<string, bool> _warned = new(StringComparer.Ordinal);

    public Action<HttpMessageHandlerBuilder> Configure(Action<HttpMessageHandlerBuilder> next) => builder =>
    {
        next(builder);
        if (builder.Name is { } name && clients.Get(name).PipelineName is { } pipelineName)
        {
            var timed = new PhaseTimeoutHandler(builder.PrimaryHandler, () => settings.Of(pipelineName).Timeout, time ?? TimeProvider.System);
            if (!timed.SeesConnections)
            {
                WarnOnce(name, timed, settings.Of(pipelineName).Timeout);
            }

            builder.PrimaryHandler = timed;
        }
    };

    private void WarnOnce(string client, PhaseTimeoutHandler handler, TimeoutOptions timeouts)
    {
        var losesLimits = timeouts.Connect != Timeout.InfiniteTimeSpan || timeouts.Pool != Timeout.InfiniteTimeSpan;
        if (losesLimits && _warned.TryAdd(client, true))
        {
            Log.ConnectionsUnseen(logger, client, Text(timeouts.Connect), Text(timeouts.Pool), handler.Sender.GetType().Name);
        }
    }

    private static string Text(TimeSpan limit) => limit == Timeout.InfiniteTimeSpan ? "infinite" : limit.ToString("c");
}
