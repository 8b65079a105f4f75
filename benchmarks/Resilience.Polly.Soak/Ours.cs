using Microsoft.Extensions.DependencyInjection;
using Polly.Registry;

namespace Resilience.Polly.Soak;

/// <summary>The pipelines of this library, and the slots that are taken in them.</summary>
internal sealed class Ours : IAsyncDisposable
{
    private const int NeverOpens = 1_000_000;

    private static readonly TimeSpan Attempt = TimeSpan.FromMilliseconds(20);

    private readonly ServiceProvider _services;

    public Ours()
    {
        _services = new ServiceCollection().AddResilience()
            .AddPipeline("roomy", options =>
            {
                Common(options);
                options.CircuitBreaker.FailureThreshold = NeverOpens;
            })
            .AddPipeline("narrow", options =>
            {
                Common(options);
                options.CircuitBreaker.FailureThreshold = NeverOpens;
                options.Bulkhead.MaxConcurrency = 2;
                options.Bulkhead.AcquisitionTimeout = TimeSpan.Zero;
            })
            .AddPipeline("flaky", options =>
            {
                Common(options);
                options.CircuitBreaker.FailureThreshold = 5;
                options.CircuitBreaker.RecoveryTimeout = TimeSpan.FromMilliseconds(500);
            })
            .Services.BuildServiceProvider();
        var pipelines = _services.GetRequiredService<ResiliencePipelineProvider<string>>();
        Contestant = new("ours", pipelines.GetPipeline("roomy"), pipelines.GetPipeline("narrow"), pipelines.GetPipeline("flaky"));
    }

    public Contestant Contestant { get; }

    /// <summary>Slots in use and callers in line, of all pipelines.</summary>
    public int Slots => _services.GetRequiredService<IResilienceMonitor>().GetSnapshots()
        .Sum(snapshot => snapshot.Bulkhead.InUse + snapshot.Bulkhead.Waiting);

    public ValueTask DisposeAsync() => _services.DisposeAsync();

    private static void Common(PipelineOptions options)
    {
        options.Timeout.Read = Attempt;
        options.Retry.MinWait = TimeSpan.Zero;
        options.Retry.Budget.Ratio = 10; // as many retries as Polly makes, which has no budget
    }
}
