using System.Collections.Concurrent;
using System.ComponentModel.DataAnnotations;
using System.Net;
using Polly;
using Polly.CircuitBreaker;
using Polly.RateLimiting;
using Polly.Telemetry;
using static Resilience.Polly.TestKit.Dependency;

namespace Resilience.Polly.Tests.Strategies;

/// <summary>The circuit breaker, the bulkhead and the retry in a pipeline that somebody builds by hand.</summary>
public class BuilderStrategyTests
{
    private readonly TestClock _clock = new();
    private readonly Heard _heard = new();

    private ResiliencePipelineBuilder Builder => new() { Name = "mine", TimeProvider = _clock, TelemetryListener = _heard };

    [Fact]
    public async Task Circuit_opens_after_failures_in_a_row_and_closes_after_a_probe()
    {
        var pipeline = Builder.AddConsecutiveCircuitBreaker(new() { FailureThreshold = 2, BreakDuration = TimeSpan.FromSeconds(10) }).Build();
        await new Dependency(Fails()).ThroughAsync(pipeline);
        await new Dependency(Answers(1)).ThroughAsync(pipeline);
        await new Dependency(Fails()).ThroughAsync(pipeline);
        Assert.Equal(1, (await new Dependency(Answers(1)).ThroughAsync(pipeline)).Result);
        await new Dependency(Fails()).ThroughAsync(pipeline);
        await new Dependency(Fails()).ThroughAsync(pipeline);
        _clock.Advance(TimeSpan.FromSeconds(4));
        var open = Assert.IsType<BrokenCircuitException>((await new Dependency(Answers(1)).ThroughAsync(pipeline)).Exception);
        Assert.Equal((TimeSpan.FromSeconds(6), "mine", "ConsecutiveCircuitBreaker"), (open.RetryAfter, open.TelemetrySource?.PipelineName, open.TelemetrySource?.StrategyName));
        _clock.Advance(TimeSpan.FromSeconds(6));
        Assert.Equal(1, (await new Dependency(Answers(1)).ThroughAsync(pipeline)).Result);
        Assert.Equal(["OnCircuitOpened", "OnCircuitHalfOpened", "OnCircuitClosed"], _heard.Of("mine/ConsecutiveCircuitBreaker"));
    }

    [Fact]
    public async Task ShouldHandle_decides_what_is_a_failure()
    {
        var pipeline = new ResiliencePipelineBuilder<HttpResponseMessage> { TimeProvider = _clock }
            .AddConsecutiveCircuitBreaker(new()
            {
                FailureThreshold = 1,
                ShouldHandle = new PredicateBuilder<HttpResponseMessage>().HandleResult(answer => answer.StatusCode == HttpStatusCode.NotFound),
            })
            .Build();
        await Assert.ThrowsAsync<HttpRequestException>(() => pipeline.ExecuteAsync<HttpResponseMessage>(_ => throw new HttpRequestException()).AsTask());
        await pipeline.ExecuteAsync(_ => new ValueTask<HttpResponseMessage>(new HttpResponseMessage(HttpStatusCode.NotFound)));
        await Assert.ThrowsAsync<BrokenCircuitException>(() => pipeline.ExecuteAsync(_ => new ValueTask<HttpResponseMessage>(new HttpResponseMessage())).AsTask());
    }

    [Fact]
    public async Task ShouldHandle_in_a_pipeline_of_any_result_sees_the_result_as_an_object()
    {
        var pipeline = Builder.AddBudgetedRetry(new() { Delay = TimeSpan.Zero, ShouldHandle = new PredicateBuilder().HandleResult(result => result is 1) }).Build();
        var dependency = new Dependency(Answers(1), Answers(1), Answers(2));
        Assert.Equal((2, 3), ((await dependency.ThroughAsync(pipeline)).Result, dependency.Attempts));
        Assert.Equal(["ExecutionAttempt", "OnRetry", "ExecutionAttempt", "OnRetry", "ExecutionAttempt"], _heard.Of("mine/BudgetedRetry"));
    }

    [Fact]
    public async Task ShouldHandle_that_throws_reaches_the_caller_and_leaves_the_circuit_as_it_is()
    {
        var pipeline = Builder.AddConsecutiveCircuitBreaker(new() { FailureThreshold = 1, ShouldHandle = _ => throw new InvalidOperationException("rule") }).Build();
        for (var i = 0; i < 2; i++)
        {
            Assert.Equal("rule", Assert.IsType<InvalidOperationException>((await new Dependency(Fails()).ThroughAsync(pipeline)).Exception).Message);
        }
    }

    [Fact]
    public async Task Bulkhead_rejects_what_finds_no_slot_and_takes_its_name_and_time_from_the_builder()
    {
        var pipeline = Builder.AddBulkhead(new() { MaxConcurrency = 1, AcquisitionTimeout = TimeSpan.FromSeconds(3), MaxQueue = 1 }).Build();
        using var inside = new HeldCall(pipeline);
        using var waiting = new HeldCall(pipeline);
        var full = Assert.IsType<RateLimiterRejectedException>((await new Dependency(Answers(1)).ThroughAsync(pipeline)).Exception);
        Assert.Contains("Pipeline 'mine' has no room for the call: 1 calls wait for one of 1 slots already.", full.Message, StringComparison.Ordinal);
        Assert.Equal("Bulkhead", full.TelemetrySource?.StrategyName);
        _clock.Advance(TimeSpan.FromSeconds(3));
        Assert.IsType<RateLimiterRejectedException>(await waiting.FailureAsync());
        await inside.FinishAsync();
        Assert.Equal(1, (await new Dependency(Answers(1)).ThroughAsync(pipeline)).Result);
        Assert.Equal(["OnRateLimiterRejected", "OnRateLimiterRejected"], _heard.Of("mine/Bulkhead"));
    }

    [Fact]
    public async Task Retry_stops_when_the_budget_is_spent_and_says_so()
    {
        var pipeline = Builder.AddBudgetedRetry(new() { MaxRetryAttempts = 9, Delay = TimeSpan.Zero, Budget = new() { Ratio = 0, ReservePerSecond = 1, Window = TimeSpan.FromSeconds(3) } }).Build();
        var dependency = new Dependency(Fails());
        Assert.IsType<System.Net.Sockets.SocketException>((await dependency.ThroughAsync(pipeline)).Exception);
        Assert.Equal(4, dependency.Attempts);
        Assert.Equal(["OnRetry", "OnRetry", "OnRetry", "OnRetryBudgetSpent"], _heard.Of("mine/BudgetedRetry").Where(name => name != "ExecutionAttempt"));
    }

    [Fact]
    public void Execute_keeps_its_thread_through_a_retry()
    {
        var pipeline = new ResiliencePipelineBuilder().AddBulkhead(new()).AddConsecutiveCircuitBreaker(new()).AddBudgetedRetry(new() { Delay = TimeSpan.FromMilliseconds(10), UseJitter = false }).Build();
        var threads = new List<int>();
        Assert.Equal(3, pipeline.Execute(() =>
        {
            threads.Add(Environment.CurrentManagedThreadId);
            return threads.Count < 3 ? throw new HttpRequestException() : 3;
        }));
        Assert.Equal([Environment.CurrentManagedThreadId], threads.Distinct());
    }

    [Fact]
    public void Options_out_of_range_are_one_error_with_name_value_and_range()
    {
        var circuit = Assert.Throws<ValidationException>(() => Builder.AddConsecutiveCircuitBreaker(new() { FailureThreshold = 0, BreakDuration = TimeSpan.Zero }));
        Assert.Contains("FailureThreshold = 0 (set in code): out of range, allowed is 1 to 1000000", circuit.Message, StringComparison.Ordinal);
        Assert.Contains("BreakDuration = 00:00:00 (set in code): out of range, allowed is 00:00:00.0100000 to 1.00:00:00", circuit.Message, StringComparison.Ordinal);
        var bulkhead = Assert.Throws<ValidationException>(() => new ResiliencePipelineBuilder<int>().AddBulkhead(new() { MaxQueue = -1 }));
        Assert.Contains("MaxQueue = -1 (set in code): out of range, allowed is 0 to 1000000", bulkhead.Message, StringComparison.Ordinal);
        var retry = Assert.Throws<ValidationException>(() => Builder.AddBudgetedRetry(new() { MaxRetryAttempts = 100, Delay = TimeSpan.FromSeconds(61), Budget = new() { Ratio = 11 } }));
        Assert.Contains("MaxRetryAttempts = 100 (set in code): out of range, allowed is 0 to 99", retry.Message, StringComparison.Ordinal);
        Assert.Contains("Delay = 00:01:01 (set in code): is longer than MaxDelay, which is 00:01:00", retry.Message, StringComparison.Ordinal);
        Assert.Contains("Budget.Ratio = 11 (set in code): out of range, allowed is 0 to 10", retry.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Bulkhead_and_circuit_hold_under_a_race()
    {
        var seed = Environment.TickCount;
        var pipeline = new ResiliencePipelineBuilder<int>().AddBulkhead(new() { MaxConcurrency = 3 }).AddConsecutiveCircuitBreaker(new() { FailureThreshold = 4, BreakDuration = TimeSpan.FromMilliseconds(10) }).Build();
        var (inside, most, answered, broken, failed) = (0, 0, 0, 0, 0);
        await Task.WhenAll(Enumerable.Range(0, 8).Select(caller => Task.Run(async () =>
        {
            var random = new Random(seed + caller);
            for (var i = 0; i < 400; i++)
            {
                var fails = random.Next(3) == 0;
                try
                {
                    await pipeline.ExecuteAsync(async _ =>
                    {
                        InterlockedMax.Set(ref most, Interlocked.Increment(ref inside));
                        await Task.Yield();
                        Interlocked.Decrement(ref inside);
                        return fails ? throw new HttpRequestException() : 1;
                    });
                    Interlocked.Increment(ref answered);
                }
                catch (BrokenCircuitException)
                {
                    Interlocked.Increment(ref broken);
                }
                catch (HttpRequestException)
                {
                    Interlocked.Increment(ref failed);
                }
            }
        })));
        Assert.True(most <= 3, $"seed {seed}: {most} were inside at once");
        Assert.Equal((3200, 0), (answered + broken + failed, inside));
    }

    private sealed class Heard : TelemetryListener
    {
        private readonly ConcurrentQueue<(string Source, string Event)> _events = new();

        public IEnumerable<string> Of(string source) => _events.Where(each => each.Source == source).Select(each => each.Event);

        public override void Write<TResult, TArgs>(in TelemetryEventArguments<TResult, TArgs> args) =>
            _events.Enqueue(($"{args.Source.PipelineName}/{args.Source.StrategyName}", args.Event.EventName));
    }
}
