using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Polly;
using Polly.Retry;
using Polly.Telemetry;
using Resilience.Polly.Tests.Pipelines;
using static Resilience.Polly.TestKit.Dependency;

namespace Resilience.Polly.Tests.Monitoring;

/// <summary>Polly's event of each attempt: like that of Polly's own retry, and only where somebody wants it.</summary>
[Collection(nameof(AllocationTests.Alone))] // Polly's instrument is one for the whole process
public class AttemptEventTests
{
    private static void NoWaits(PipelineOptions o) =>
        (o.Retry.MaxAttempts, o.Retry.MinWait, o.Retry.Budget.Enabled, o.CircuitBreaker.Mode) = (3, TimeSpan.Zero, false, CircuitBreakerMode.Disabled);

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Events_of_any_sequence_are_those_of_Pollys_own_retry(bool isNamed)
    {
        var seed = Random.Shared.Next();
        var random = new Random(seed);
        var (ours, theirs) = (new Heard(), new Heard());
        await using var app = new TestPipelines(services =>
        {
            services.Configure<TelemetryOptions>(options => options.TelemetryListeners.Add(ours));
            services.AddResilience().AddPipeline(TestPipelines.Name, NoWaits);
        });
        var pipeline = isNamed
            ? app.Pipeline
            : Builder(ours).AddBudgetedRetry(new() { Delay = TimeSpan.Zero, Name = "Retry", Budget = new() { Enabled = false } }).Build();
        var polly = Builder(theirs)
            .AddRetry(new()
            {
                MaxRetryAttempts = 2, Delay = TimeSpan.Zero, Name = "Retry",
                ShouldHandle = new PredicateBuilder().Handle<System.Net.Sockets.SocketException>(),
            })
            .Build();
        for (var call = 0; call < 100; call++)
        {
            Func<int>[] answers = [.. Enumerable.Range(0, 4).Select(_ => random.Next(3) switch { 0 => Answers(1), 1 => Throws(new InvalidOperationException()), _ => Fails() })];
            Func<int>[] timed = [.. answers.Select((answer, i) => (Func<int>)(() =>
            {
                app.Clock.Advance(TimeSpan.FromMilliseconds(i + 1));
                return answer();
            }))];
            await new Dependency(timed).ThroughAsync(polly);
            await new Dependency(timed).ThroughAsync(pipeline);
            Assert.True(theirs.Events.SequenceEqual(ours.Events), $"seed {seed}, call {call}:\n{string.Join('\n', theirs.Events)}\nours:\n{string.Join('\n', ours.Events)}");
            Assert.NotEmpty(ours.Events);
            theirs.Events.Clear();
            ours.Events.Clear();
        }

        ResiliencePipelineBuilder Builder(TelemetryListener listener) => new() { Name = TestPipelines.Name, TimeProvider = app.Clock, TelemetryListener = listener };
    }

    [Fact]
    public async Task Attempts_are_measured_while_somebody_collects_Pollys_durations_and_logged_only_then()
    {
        var name = $"measured-{Guid.NewGuid():N}";
        using var log = new LogRecorder("Polly");
        await using var app = new TestPipelines(services => services.AddLogging(logging => logging.AddProvider(log)).AddResilience().AddPipeline(name, NoWaits));
        var pipeline = app.Provider.GetPipeline(name);
        await new Dependency(Answers(1)).ThroughAsync(pipeline);
        Assert.Empty(log.Lines);

        var measured = new ConcurrentQueue<string?>();
        using (var listener = new MeterListener
        {
            InstrumentPublished = (instrument, self) =>
            {
                if (instrument is { Meter.Name: "Polly", Name: "resilience.polly.strategy.attempt.duration" })
                {
                    self.EnableMeasurementEvents(instrument);
                }
            },
        })
        {
            listener.SetMeasurementEventCallback<double>((_, _, tags, _) =>
            {
                var all = tags.ToArray().ToDictionary(tag => tag.Key, tag => tag.Value?.ToString());
                if (all["pipeline.name"] == name)
                {
                    measured.Enqueue($"{all["attempt.number"]} {all["attempt.handled"]} {all["strategy.name"]}");
                }
            });
            listener.Start();
            await new Dependency(Fails(), Answers(1)).ThroughAsync(pipeline);
        }

        Assert.Equal(["0 True Retry", "1 False Retry"], measured);
        Assert.Equal(2, log.Lines.Count(line => line.Contains("Execution attempt", StringComparison.OrdinalIgnoreCase)));
        await new Dependency(Answers(1)).ThroughAsync(pipeline);
        Assert.Equal(2, measured.Count);
    }

    private sealed class Heard : TelemetryListener
    {
        public ConcurrentQueue<string> Events { get; } = new();

        public override void Write<TResult, TArgs>(in TelemetryEventArguments<TResult, TArgs> args)
        {
            var detail = args.Arguments switch
            {
                ExecutionAttemptArguments attempt => $"{attempt.AttemptNumber} {attempt.Duration} {attempt.Handled} {args.Outcome?.Exception?.GetType().Name}",
                OnRetryArguments<TResult> retry => $"{retry.AttemptNumber}",
                _ => null,
            };
            if (detail is not null)
            {
                Events.Enqueue($"{args.Event.Severity} {args.Source.PipelineName}/{args.Source.StrategyName} {args.Event.EventName} {detail}");
            }
        }
    }
}
