using System.Runtime.CompilerServices;
using Microsoft.Extensions.DependencyInjection;
using Polly;
using Polly.Registry;
using Resilience.Polly.Simulations;

namespace Resilience.Polly.Tests.Bulkheads;

/// <summary>Random calls with retries through a bulkhead that is held over waits or not, against the model after every event.</summary>
public class PausingModelTests
{
    private const int Sequences = 400;

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Pipeline_random_sequences_equals_the_model_after_every_event(bool holds)
    {
        var seed = Random.Shared.Next(1_000_000_000);
        var (ends, compared, paused) = (new HashSet<string>(), 0, 0);
        for (var sequence = 0; sequence < Sequences; sequence++)
        {
            // Off any synchronization context: calls go on where the clock fires.
            var run = await Task.Run(() => Run(seed + sequence, holds));
            compared += run.IsValid ? 1 : 0;
            paused += run.Paused;
            ends.UnionWith(run.Ends);
        }

        Assert.True(compared > Sequences / 2, $"only {compared} runs without a tie");
        string[] withoutASlotAgain = holds ? [] : ["failed after 1", "failed after 2"];
        Assert.Equal([.. withoutASlotAgain, "failed after 3", "rejected after 0", "succeeded after 1", "succeeded after 2", "succeeded after 3"], ends.Order());
        Assert.Equal(holds, paused == 0);
    }

    private static (bool IsValid, int Paused, IEnumerable<string> Ends) Run(int seed, bool holds)
    {
        var random = new Random(seed);
        var (limit, acquisition, minWait) = (random.Next(1, 4), random.Next(4) == 0 ? 0 : random.Next(1, 6_000), random.Next(1, 2_000));
        var time = new VirtualTime();
        var clock = new WaitCounter(time, [.. new[] { acquisition, minWait, 2 * minWait }.Select(wait => TimeSpan.FromMilliseconds(wait))]);
        using var app = new ServiceCollection().AddSingleton<TimeProvider>(clock).AddResilience().AddPipeline(TestPipelines.Name, o =>
        {
            (o.Bulkhead.MaxConcurrency, o.Bulkhead.AcquisitionTimeout, o.Bulkhead.HoldWhileWaiting) = (limit, TimeSpan.FromMilliseconds(acquisition), holds);
            (o.Retry.MinWait, o.Retry.Jitter, o.Retry.Budget.Enabled) = (TimeSpan.FromMilliseconds(minWait), false, false);
            (o.CircuitBreaker.Mode, o.Timeout.Read) = (CircuitBreakerMode.Disabled, TimeSpan.FromHours(1));
        }).Services.BuildServiceProvider();
        var pipeline = app.GetRequiredService<ResiliencePipelineProvider<string>>().GetPipeline(TestPipelines.Name);
        var monitor = app.GetRequiredService<IResilienceMonitor>();
        var model = new PausingModel(limit, acquisition, maxAttempts: 3, minWait, holds);
        var begun = new StrongBox<int>();
        List<(PausingCall Expected, Task<string> Actual)> calls = [];
        for (var count = random.Next(5, 25); count > 0; count--)
        {
            PausingCall call = new(random.Next(1, 20_000), [.. Enumerable.Range(0, 3).Select(_ => (random.Next(1, 3_000), random.Next(10) < 6))]);
            model.Add(call);
            var ended = new TaskCompletionSource<string>();
            calls.Add((call, ended.Task));
            time.After(TimeSpan.FromMilliseconds(call.ArrivesAt), () => { _ = ThroughAsync(pipeline, call.Script, time, begun, ended); });
        }

        var paused = 0;
        while (model.Step())
        {
            time.RunUntil(TimeSpan.FromMilliseconds(model.Now));
            if (model.HasTie)
            {
                return (false, 0, []);
            }

            // A call that gets its slot in line goes on on another thread. It is there where the model is once its timer is set too.
            var expected = Expected(model, calls);
            var actual = "";
            if (!SpinWait.SpinUntil(() => (actual = Actual(monitor, clock, begun, calls)) == expected, HeldCall.Patience))
            {
                Assert.Fail($"seed {seed}, after {model.Now} ms:\n{actual}\nthe model:\n{expected}");
            }

            paused += model.Paused;
        }

        return (true, paused, calls.Select(call => call.Actual.Result));
    }

    private static string Expected(PausingModel model, List<(PausingCall Expected, Task<string> Actual)> calls) =>
        $"in use {model.InUse}, waiting {model.Waiting}, to retry {model.Paused}, begun {model.Begun}, waits {model.Waits}; "
        + string.Join(", ", calls.Select(call => call.Expected.End is { } end ? $"{end} after {call.Expected.Attempts}" : "goes on"));

    private static string Actual(IResilienceMonitor monitor, WaitCounter clock, StrongBox<int> begun, List<(PausingCall Expected, Task<string> Actual)> calls)
    {
        var slots = monitor.GetSnapshot(TestPipelines.Name).Bulkhead;
        return $"in use {slots.InUse}, waiting {slots.Waiting}, to retry {slots.WaitingToRetry}, begun {Volatile.Read(ref begun.Value)}, waits {clock.Waits}; "
            + string.Join(", ", calls.Select(call => call.Actual.IsCompleted ? call.Actual.Result : "goes on"));
    }

    private static async Task ThroughAsync(ResiliencePipeline pipeline, IReadOnlyList<(int Takes, bool Fails)> script, VirtualTime time, StrongBox<int> begun, TaskCompletionSource<string> ended)
    {
        var attempts = 0;
        var context = ResilienceContextPool.Shared.Get();
        var outcome = await pipeline.ExecuteOutcomeAsync(
            async (_, _) =>
            {
                var (takes, fails) = script[attempts++];
                var work = Task.Delay(TimeSpan.FromMilliseconds(takes), time);
                Interlocked.Increment(ref begun.Value);
                await work.ConfigureAwait(false);
                return fails ? Outcome.FromException<int>(new HttpRequestException()) : Outcome.FromResult(1);
            },
            context,
            0).ConfigureAwait(false);
        ResilienceContextPool.Shared.Return(context);
        ended.SetResult($"{(outcome.Exception is null ? "succeeded" : outcome.Exception is BulkheadFullException ? "rejected" : "failed")} after {attempts}");
    }

    /// <summary>Counts the timers that are set for one of some times.</summary>
    private sealed class WaitCounter(VirtualTime time, TimeSpan[] counted) : TimeProvider
    {
        private int _waits;

        public int Waits => Volatile.Read(ref _waits);

        public override long TimestampFrequency => time.TimestampFrequency;

        public override long GetTimestamp() => time.GetTimestamp();

        public override DateTimeOffset GetUtcNow() => time.GetUtcNow();

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            var timer = time.CreateTimer(callback, state, dueTime, period);
            if (counted.Contains(dueTime))
            {
                Interlocked.Increment(ref _waits);
            }

            return timer;
        }
    }
}
