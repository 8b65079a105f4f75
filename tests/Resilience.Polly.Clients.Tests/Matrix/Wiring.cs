using Microsoft.Extensions.DependencyInjection;

namespace Resilience.Polly.Clients.Tests;

/// <summary>What is put around the HttpClient of an SDK.</summary>
/// <param name="Name">Its name in a test.</param>
/// <param name="SdkRetries">Whether the SDK's own retries stay on.</param>
/// <param name="HasLimits">Whether a body that stalls is given up by something else than the test.</param>
/// <param name="Apply">Puts it there.</param>
public sealed record Wiring(string Name, bool SdkRetries, bool HasLimits, Action<IHttpClientBuilder, Fault> Apply)
{
    /// <summary>Nothing but .NET's timeout.</summary>
    public static Wiring Plain { get; } = new("plain", true, false, (builder, fault) => builder.ConfigureHttpClient(client => client.Timeout = fault.PlainTimeout));

    /// <summary>A pipeline of three attempts, with the SDK as it comes.</summary>
    public static Wiring Nested { get; } = new("nested", true, true, (builder, fault) => AddPipeline(builder, options => options.Timeout.Read = fault.ReadLimit));

    /// <summary>The same, with the SDK's retries switched off.</summary>
    public static Wiring PipelineRetries { get; } = Nested with { Name = "pipeline retries", SdkRetries = false };

    /// <summary>A pipeline of one attempt, with the SDK as it comes.</summary>
    public static Wiring SdkRetriesOnly { get; } = new("SDK retries", true, true, (builder, fault) => AddPipeline(builder, options =>
    {
        options.Timeout.Read = fault.ReadLimit;
        options.Retry.MaxAttempts = 1;
    }));

    /// <summary>The same, with answers that are returned at their head.</summary>
    public static Wiring Streamed { get; } = new("streamed", true, true, (builder, fault) => AddPipeline(
        builder,
        options =>
        {
            options.Timeout.Read = fault.ReadLimit;
            options.Retry.MaxAttempts = 1;
        },
        streamResponses: true));

    public override string ToString() => Name;

    /// <summary>Three attempts without a wait, and nothing else that could end a call.</summary>
    public static void AddPipeline(IHttpClientBuilder builder, Action<PipelineOptions>? configure = null, bool streamResponses = false)
    {
        builder.Services.AddResilience().AddPipeline(Sdk.Name, options =>
        {
            options.Retry.MinWait = TimeSpan.Zero;
            options.Retry.Budget.Enabled = false;
            options.CircuitBreaker.Mode = CircuitBreakerMode.Disabled;
            options.Bulkhead.MaxConcurrency = 1000;
            configure?.Invoke(options);
        });
        builder.AddResilience(Sdk.Name, streamResponses);
    }
}
