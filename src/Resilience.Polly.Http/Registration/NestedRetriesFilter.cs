using System.Collections.Concurrent;
using Microsoft.Extensions.Http;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Resilience.Polly.Http.Calls;
using Resilience.Polly.Http.Clients;

namespace Resilience.Polly.Http.Registration;

/// <summary>
/// Warns once per client whose chain holds another handler that retries (guide: "Pattern 2: Retry Pattern"). Whether that one's retries are
/// switched off cannot be seen.
/// </summary>
internal sealed class NestedRetriesFilter(IOptionsMonitor<ResilienceClientOptions> clients, LiveSettings settings, ILogger logger)
    : IHttpMessageHandlerBuilderFilter
{
    private readonly ConcurrentDictionary<string, bool> _warned = new(StringComparer.Ordinal);

    public Action<HttpMessageHandlerBuilder> Configure(Action<HttpMessageHandlerBuilder> next) => builder =>
    {
        next(builder);
        if (builder.Name is { } name && clients.Get(name) is { PipelineName: { } pipelineName, Choice.Repetition: not CallRepetition.Never }
            && settings.Of(pipelineName).Retry.MaxAttempts is > 1 and var attempts
            && OtherRetries.In(builder) is { Count: > 0 } others
            && _warned.TryAdd(name, true))
        {
            Log.RetriesNested(logger, name, string.Join(" and ", others), pipelineName, attempts);
        }
    };
}
