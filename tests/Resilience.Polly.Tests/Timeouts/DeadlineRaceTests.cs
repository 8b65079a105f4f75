using System.Diagnostics;
using Microsoft.Extensions.DependencyInjection;
using Polly;
using Polly.Registry;

namespace Resilience.Polly.Tests.Timeouts;

/// <summary>Two threads whose calls share deadlines: some are cancelled, some end as their time is up, and most are healthy. In real time.</summary>
public class DeadlineRaceTests
{
    private const int SomeFailures = 10;

    // Ten million take about a minute: DEADLINE_RACE_CALLS=10000000.
    private static readonly int Calls = int.Parse(Environment.GetEnvironmentVariable("DEADLINE_RACE_CALLS") ?? "400000", null);

    private static readonly TimeSpan Short = TimeSpan.FromMilliseconds(2);

    [Fact]
    public async Task Deadlines_end_their_own_call_in_time_and_no_other()
    {
        var services = new ServiceCollection();
        services.AddResilience().AddPipeline("long", Settings(TimeSpan.FromHours(1))).AddPipeline("short", Settings(Short));
        await using var provider = services.BuildServiceProvider();
        var pipelines = provider.GetRequiredService<ResiliencePipelineProvider<string>>();
        var seed = Environment.TickCount;

        var racers = await Task.WhenAll(Enumerable.Range(0, 2).Select(number => Task.Run(async () =>
        {
            var racer = new Racer(new Random(seed + number), pipelines.GetPipeline("long"), pipelines.GetPipeline("short"));
            for (var call = 0; call < Calls / 2 && racer.Failures.Count < SomeFailures; call++)
            {
                await racer.CallAsync();
            }

            return racer;
        })));

        Assert.True(racers.All(racer => racer.Failures.Count == 0), $"seed {seed}: {string.Join("; ", racers.SelectMany(racer => racer.Failures))}");
        Assert.All(racers, racer => Assert.True(racer is { TimedOut: > 0, Cancelled: > 0 }, $"seed {seed}: {racer.TimedOut} timeouts, {racer.Cancelled} cancellations"));
    }

    private static Action<PipelineOptions> Settings(TimeSpan limit) => options =>
    {
        options.Timeout.Attempt = limit;
        options.Retry.MaxAttempts = 1;
        options.CircuitBreaker.Mode = CircuitBreakerMode.Disabled;
    };

    private sealed class Racer(Random random, ResiliencePipeline longOne, ResiliencePipeline shortOne)
    {
        public List<string> Failures { get; } = [];

        public int TimedOut { get; private set; }

        public int Cancelled { get; private set; }

        public ValueTask CallAsync() => random.Next(2_000) switch
        {
            0 => ExpireAsync(random.NextDouble() * 2),
            1 => CancelAsync(isTimedOutToo: false),
            2 => CancelAsync(isTimedOutToo: true),
            < 200 => YieldAsync(),
            _ => Healthy(),
        };

        // Nobody may cancel its token, neither before nor while it runs.
        private ValueTask Healthy()
        {
            var wasCancelled = longOne.Execute(static token =>
            {
                var before = token.IsCancellationRequested;
                return before || token.IsCancellationRequested;
            });
            Check(!wasCancelled, "a healthy call got a cancelled token");
            return default;
        }

        private async ValueTask YieldAsync()
        {
            var wasCancelled = await longOne.ExecuteAsync(static async token =>
            {
                await Task.Yield();
                return token.IsCancellationRequested;
            });
            Check(!wasCancelled, "a call that yields got a cancelled token");
        }

        // The delegate keeps the thread for about as long as it may, and ends with a result or with its cancellation.
        private ValueTask ExpireAsync(double share)
        {
            var startedAt = Stopwatch.GetTimestamp();
            try
            {
                shortOne.Execute(token =>
                {
                    while (Stopwatch.GetElapsedTime(startedAt) < Short * share)
                    {
                        token.ThrowIfCancellationRequested();
                    }

                    if (share > 1.5)
                    {
                        Check(token.WaitHandle.WaitOne(TimeSpan.FromSeconds(30)), "a token was not cancelled at its deadline");
                        token.ThrowIfCancellationRequested();
                    }
                });
            }
            catch (ApiTimeoutException timeout)
            {
                TimedOut++;
                Check(Stopwatch.GetElapsedTime(startedAt) >= Short, "a call timed out early");
                Check(timeout.Phase == TimeoutPhase.Attempt, $"it was the phase {timeout.Phase}");
            }

            return default;
        }

        private async ValueTask CancelAsync(bool isTimedOutToo)
        {
            using var caller = new CancellationTokenSource();
            var call = (isTimedOutToo ? shortOne : longOne).ExecuteAsync(
                static async token => await Task.Delay(TimeSpan.FromSeconds(30), token), caller.Token).AsTask();
            if (isTimedOutToo)
            {
                await Task.Delay(Short); // both come at about the same time
            }

            await caller.CancelAsync();
            try
            {
                await call;
                Failures.Add("a cancelled call succeeded");
            }
            catch (OperationCanceledException cancelled)
            {
                Cancelled++;
                Check(cancelled.CancellationToken == caller.Token, "the cancellation has a foreign token");
            }
            catch (ApiTimeoutException) when (isTimedOutToo)
            {
                TimedOut++;
            }
        }

        private void Check(bool isRight, string what)
        {
            if (!isRight)
            {
                Failures.Add(what);
            }
        }
    }
}
