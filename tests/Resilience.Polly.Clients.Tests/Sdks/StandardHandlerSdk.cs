using Microsoft.Extensions.DependencyInjection;
using Polly;
using Polly.CircuitBreaker;
using Polly.Timeout;

namespace Resilience.Polly.Clients.Tests;

/// <summary>An HttpClient with .NET's standard resilience handler.</summary>
/// <param name="outside">Whether the handler stands above the pipeline or below it.</param>
public sealed class StandardHandlerSdk(bool outside) : HttpClientSdk
{
    public override IReadOnlyDictionary<string, Func<IServiceProvider, Task<string>>> Calls =>
        new Dictionary<string, Func<IServiceProvider, Task<string>>> { ["get"] = base.Calls["get"], ["post"] = base.Calls["post"] };

    public override IReadOnlyList<Type> Errors => [.. base.Errors, typeof(TimeoutRejectedException), typeof(BrokenCircuitException)];

    public override bool Retries => true;

    public override bool Streams => false;

    // The pipeline does not retry a 500, and a POST without a key only where it was not sent.
    public override bool NeedsItsRetries(string callName, Fault fault) => fault.Name == "500 once" || (callName == "post" && fault.IsOnce);

    public override IHttpClientBuilder Register(IServiceCollection services, Uri server, bool retries)
    {
        var builder = base.Register(services, server, retries);
        if (outside)
        {
            AddHandler(builder, retries);
        }

        return builder;
    }

    public override void RegisterInside(IHttpClientBuilder builder, bool retries)
    {
        if (!outside)
        {
            AddHandler(builder, retries);
        }
    }

    private static void AddHandler(IHttpClientBuilder builder, bool retries) => builder.AddStandardResilienceHandler(options =>
    {
        options.Retry.Delay = TimeSpan.Zero;
        options.Retry.ShouldRetryAfterHeader = false;
        if (!retries)
        {
            options.Retry.ShouldHandle = _ => PredicateResult.False();
        }
    });
}
