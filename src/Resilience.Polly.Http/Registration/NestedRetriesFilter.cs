using System.Collections.Concurrent;
using Microsoft.Extensions.Http;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Resilience.Polly.Http.Calls;
using Resilience.Polly.Http.Clients;

namespace Resilience.Polly.Http.Registration;

/// <summary>Warns once per client whose chain has another handler that retries (guide: "Pattern 2: Retry Pattern"), even if that handler's retries are off.</summary>
internal sealed class NestedRetriesFilter(IOptionsMonitor<ResilienceClientOptions> clients, CurrentOptions settings, ILoggerFactory loggers)
    : IHttpMessageHandlerBuilderFilter
{
    private readonly ConcurrentDictionary<string, bool> _warned = new(StringComparer.Ordinal);
    private readonly ILogger _logger = loggers.CreateLogger("Resilience.Polly.Http");

    public Action<HttpMessageHandlerBuilder> Configure(Action<HttpMessageHandlerBuilder> next) => builder =>
    {
        next(builder);
        if (builder.Name is { } name && clients.Get(name) is { PipelineName: { } pipelineName, Choice.Repetition: not CallRepetition.Never }
            && settings.Of(pipelineName).Retry is var retry && RetryLimits.MostAttempts(retry) is > 1 and var attempts
            && OtherRetries.In(builder) is { Count: > 0 } others
            && _warned.TryAdd(name, true))
        {
            Log.RetriesNested(_logger, name, string.Join(" and ", others), pipelineName, attempts, SettingsOf(retry));
        }
    };

    private static string SettingsOf(RetryOptions retry) => retry.MaxConnectAttempts > 1 ? "Retry:MaxAttempts and Retry:MaxConnectAttempts" : "Retry:MaxAttempts";
}

/// <summary>Handlers that usually retry. They are recognised by name, so this package needs no reference to theirs.</summary>
internal static class OtherRetries
{
    private static readonly string[] TypeNames =
    [
        "Microsoft.Extensions.Http.Resilience.ResilienceHandler", // AddStandardResilienceHandler, AddResilienceHandler, hedging
        "Microsoft.Extensions.Http.PolicyHttpMessageHandler", // AddPolicyHandler, AddTransientHttpErrorPolicy
    ];

    /// <summary>The types of such handlers in the chain of a client, each once, outermost first.</summary>
    public static IReadOnlyList<string> In(HttpMessageHandlerBuilder builder) =>
        [.. builder.AdditionalHandlers.Concat(Inside(builder.PrimaryHandler)).Select(KnownType).OfType<string>().Distinct()];

    private static IEnumerable<DelegatingHandler> Inside(HttpMessageHandler? primary)
    {
        while (primary is DelegatingHandler handler)
        {
            yield return handler;
            primary = handler.InnerHandler;
        }
    }

    private static string? KnownType(DelegatingHandler handler)
    {
        for (var type = handler.GetType(); type is not null; type = type.BaseType)
        {
            if (TypeNames.Contains(type.FullName))
            {
                return handler.GetType().FullName;
            }
        }

        return null;
    }
}
