using Microsoft.Extensions.DependencyInjection;
using Polly.CircuitBreaker;
using Polly.Retry;
using Polly.Telemetry;
using static Resilience.Polly.TestKit.Dependency;

namespace Resilience.Polly.Tests.Monitoring;

/// <summary>Existing dashboards on Polly's events keep working.</summary>
public class TelemetryTests
{
    [Fact(Timeout = 60_000)]
    public async Task Events_have_the_names_the_sources_and_the_arguments_of_Polly()
    {
        var heard = new Heard();
        await using var app = new TestPipelines(services =>
        {
            services.Configure<TelemetryOptions>(options => options.TelemetryListeners.Add(heard));
            services.AddResilience().AddPipeline("payments", o =>
            {
                o.CircuitBreaker.FailureThreshold = 1;
                o.Retry.MaxAttempts = 2;
                o.Retry.MinWait = TimeSpan.Zero;
                o.Bulkhead.MaxConcurrency = 1;
                o.Bulkhead.AcquisitionTimeout = TimeSpan.Zero;
            });
        });
        await new Dependency(Fails()).ThroughAsync(app.Pipeline);
        app.Clock.Advance(TimeSpan.FromSeconds(30));
        await new Dependency(Answers(1)).ThroughAsync(app.Pipeline);
        using var caller = new CancellationTokenSource();
        var hang = app.Pipeline.ExecuteAsync(async token => await Task.Delay(Timeout.Infinite, token), caller.Token).AsTask();
        await new Dependency(Answers(1)).ThroughAsync(app.Pipeline);
        app.Clock.Advance(TimeSpan.FromSeconds(30));
        while (!heard.Events.Contains("Error payments/Timeout OnTimeout"))
        {
            TestContext.Current.CancellationToken.ThrowIfCancellationRequested();
            await Task.Yield();
        }

        Assert.Equal(
            [
                "Warning payments/Retry OnRetry 0",
                "Error payments/CircuitBreaker OnCircuitOpened 00:00:30",
                "Warning payments/CircuitBreaker OnCircuitHalfOpened",
                "Information payments/CircuitBreaker OnCircuitClosed",
                "Error payments/Bulkhead OnRateLimiterRejected",
                "Error payments/Timeout OnTimeout",
            ],
            heard.Events.Take(6));
        await caller.CancelAsync();
        await Assert.ThrowsAnyAsync<Exception>(() => hang); // timed out or cancelled, whichever came first
    }

    private sealed class Heard : TelemetryListener
    {
        public System.Collections.Concurrent.ConcurrentQueue<string> Events { get; } = new();

        public override void Write<TResult, TArgs>(in TelemetryEventArguments<TResult, TArgs> args)
        {
            if (args.Arguments is ExecutionAttemptArguments)
            {
                return; // AttemptEventTests
            }

            var detail = args.Arguments switch
            {
                OnRetryArguments<TResult> retry => $" {retry.AttemptNumber}",
                OnCircuitOpenedArguments<TResult> opened => $" {opened.BreakDuration}",
                _ => "",
            };
            Events.Enqueue($"{args.Event.Severity} {args.Source.PipelineName}/{args.Source.StrategyName} {args.Event.EventName}{detail}");
        }
    }
}
