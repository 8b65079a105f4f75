using System.Diagnostics;
using System.Net.Sockets;

namespace Resilience.Polly.Tests.Pipelines;

/// <summary>A synchronous call keeps its caller's thread, whatever it waits for.</summary>
public class SynchronousTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Execute_runs_every_attempt_on_the_thread_of_its_caller_under_all_settings(bool onSystemClock)
    {
        var seed = Random.Shared.Next();
        var random = new Random(seed);
        for (var round = 0; round < 120; round++)
        {
            var settings = new Settings(random);
            await using var app = TestPipelines.Of(settings.Apply, onSystemClock ? TimeProvider.System : null);
            if (settings.IsProbe)
            {
                await OpenAsync(app, settings, onSystemClock);
            }

            // Somebody has the only slot until the call stands in line.
            var holder = settings.WaitsForSlot ? new HeldCall(app.Pipeline) : null;
            var run = new SynchronousRun(app.Pipeline, settings.Overload, settings.Attempt, settings.IsOnUiThread);
            if (holder is not null)
            {
                Assert.True(SpinWait.SpinUntil(() => app.Snapshot.Bulkhead.Waiting == 1, Patience), $"seed {seed}, round {round}, {settings}: the call does not wait for a slot");
                await holder.FinishAsync();
                holder.Dispose();
            }

            Assert.True(Ends(run, app, onSystemClock), $"seed {seed}, round {round}, {settings}: the call does not end");
            Assert.True(run.Faults.Count == 0, $"seed {seed}, round {round}, {settings}: {string.Join("; ", run.Faults)}");
            Assert.True(run.Attempts == settings.ExpectedAttempts, $"seed {seed}, round {round}, {settings}: {run.Attempts} attempts, {settings.ExpectedAttempts} were expected; {run.Failure}");
            Assert.True(run.Failure is null == settings.Succeeds, $"seed {seed}, round {round}, {settings}: {run.Failure}");
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Execute_cancelled_while_it_waits_for_a_retry_ends_at_once(bool onSystemClock)
    {
        var heard = new Recorder();
        await using var app = TestPipelines.Of(o => (o.Retry.MinWait, o.Retry.MaxWait) = (TimeSpan.FromHours(1), TimeSpan.FromHours(2)), onSystemClock ? TimeProvider.System : null, heard);
        using var caller = new CancellationTokenSource();
        var run = new SynchronousRun(app.Pipeline, 1, _ => throw new SocketException((int)SocketError.ConnectionRefused), cancellationToken: caller.Token);
        Assert.True(SpinWait.SpinUntil(() => heard.Retries.Count == 1, Patience));

        await caller.CancelAsync();

        Assert.True(run.Ends(Patience));
        Assert.Equal(caller.Token, Assert.IsType<OperationCanceledException>(run.Failure).CancellationToken);
        Assert.Equal(1, run.Attempts);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Execute_cancelled_while_it_waits_for_a_slot_ends_at_once_and_leaves_the_line(bool onSystemClock)
    {
        await using var app = TestPipelines.Of(o => (o.Bulkhead.MaxConcurrency, o.Bulkhead.AcquisitionTimeout) = (1, TimeSpan.FromMinutes(5)), onSystemClock ? TimeProvider.System : null);
        using var caller = new CancellationTokenSource();
        using var holder = new HeldCall(app.Pipeline);
        var run = new SynchronousRun(app.Pipeline, 1, _ => 1, cancellationToken: caller.Token);
        Assert.True(SpinWait.SpinUntil(() => app.Snapshot.Bulkhead.Waiting == 1, Patience));

        await caller.CancelAsync();

        Assert.True(run.Ends(Patience));
        Assert.IsType<OperationCanceledException>(run.Failure);
        Assert.Equal((0, 1), (app.Snapshot.Bulkhead.Waiting, app.Snapshot.Bulkhead.InUse));
        await holder.FinishAsync();
    }

    [Theory]
    [InlineData(false, false)]
    [InlineData(true, false)]
    [InlineData(false, true)]
    public async Task Execute_that_finds_no_slot_in_time_ends(bool onSystemClock, bool byTotalTimeout)
    {
        var limit = TimeSpan.FromMilliseconds(50);
        await using var app = TestPipelines.Of(
            o =>
            {
                o.Bulkhead.MaxConcurrency = 1;
                o.Bulkhead.AcquisitionTimeout = byTotalTimeout ? TimeSpan.FromMinutes(5) : limit;
                o.Timeout.Total = byTotalTimeout ? limit : null;
            },
            onSystemClock ? TimeProvider.System : null);
        using var holder = new HeldCall(app.Pipeline);
        var run = new SynchronousRun(app.Pipeline, 1, _ => 1);

        Assert.True(Ends(run, app, onSystemClock));

        Assert.Equal(byTotalTimeout ? TimeoutPhase.Total : TimeoutPhase.Pool, Assert.IsAssignableFrom<ApiTimeoutException>(run.Failure).Phase);
        Assert.Equal((0, 1), (app.Snapshot.Bulkhead.Waiting, app.Snapshot.Bulkhead.InUse));
        holder.Answer();
        await holder.FailureAsync();
    }

    [Fact]
    public async Task Execute_disposes_of_a_result_that_is_disposed_of_asynchronously_and_keeps_the_thread()
    {
        await using var app = TestPipelines.Of(o =>
        {
            o.Retry.MinWait = TimeSpan.Zero;
            o.Failures.RetryResult<object>(result => result is Slow);
        });
        var given = new Slow();
        var run = new SynchronousRun(app.Pipeline, 1, attempt => attempt == 1 ? given : 1);

        Assert.True(run.Ends(Patience));

        Assert.Empty(run.Faults);
        Assert.True(given.IsDisposed);
        Assert.Equal(2, run.Attempts);
    }

    // With a clock that a test moves somebody has to, while the call blocks.
    private static bool Ends(SynchronousRun run, TestPipelines app, bool onSystemClock)
    {
        if (onSystemClock)
        {
            return run.Ends(Patience);
        }

        var watch = Stopwatch.StartNew();
        while (!run.Ends(TimeSpan.FromMilliseconds(1)))
        {
            app.Clock.Advance(TimeSpan.FromMilliseconds(10));
            if (watch.Elapsed > Patience)
            {
                return false;
            }
        }

        return true;
    }

    private static async Task OpenAsync(TestPipelines app, Settings settings, bool onSystemClock)
    {
        await new Dependency(Dependency.Fails()).ThroughAsync(app.Pipeline);
        if (onSystemClock)
        {
            Assert.True(SpinWait.SpinUntil(() => app.Snapshot.CircuitBreaker.State == global::Polly.CircuitBreaker.CircuitState.HalfOpen, Patience));
        }
        else
        {
            app.Clock.Advance(settings.Recovery);
        }
    }

    private sealed class Slow : IAsyncDisposable
    {
        public bool IsDisposed { get; private set; }

        public async ValueTask DisposeAsync()
        {
            await Task.Delay(1);
            IsDisposed = true;
        }
    }

    /// <summary>Which steps of the flow are on, and what the dependency does.</summary>
    private sealed class Settings(Random random)
    {
        private readonly bool _hasTotal = random.Next(2) == 0;
        private readonly bool _hasAttemptTimeout = random.Next(2) == 0;
        private readonly bool _adapts = random.Next(2) == 0;
        private readonly bool _hasChaos = random.Next(2) == 0;
        private readonly bool _maps = random.Next(4) != 0;
        private readonly bool _waits = random.Next(3) != 0;
        private readonly CircuitBreakerMode _mode = random.GetItems(Enum.GetValues<CircuitBreakerMode>(), 1)[0];
        private readonly CircuitCount _per = random.GetItems(Enum.GetValues<CircuitCount>(), 1)[0];
        private readonly int _maxAttempts = random.Next(1, 4);
        private readonly int _failures = random.Next(0, 4);
        private readonly bool _failsByResult = random.Next(2) == 0;
        private readonly bool _wantsProbe = random.Next(4) == 0;

        public TimeSpan Recovery { get; } = TimeSpan.FromMilliseconds(10);

        public int Overload { get; } = random.Next(SynchronousRun.Overloads);

        public bool WaitsForSlot { get; } = random.Next(3) == 0;

        public bool IsOnUiThread { get; } = random.Next(2) == 0;

        public bool IsProbe => _wantsProbe && !WaitsForSlot && _mode == CircuitBreakerMode.Enforce;

        // Forms without a result cannot fail by one.
        private bool FailsByResult => _failsByResult && Overload is 1 or 2 or 4 or 5 && _failsByResult;

        private int Most => IsProbe ? 1 : _maxAttempts;

        public int ExpectedAttempts => Math.Min(_failures + 1, Most);

        public bool Succeeds => _failures < Most || FailsByResult;

        public void Apply(PipelineOptions options)
        {
            options.Timeout.Total = _hasTotal ? TimeSpan.FromMinutes(30) : null;
            options.Timeout.Read = _hasAttemptTimeout ? TimeSpan.FromMinutes(1) : Timeout.InfiniteTimeSpan;
            options.Retry.MaxAttempts = IsProbe ? 1 : _maxAttempts;
            options.Retry.MinWait = options.Retry.MaxWait = _waits ? TimeSpan.FromMilliseconds(2) : TimeSpan.Zero;
            options.Retry.Budget.Enabled = false;
            (options.CircuitBreaker.Mode, options.CircuitBreaker.CountPer) = (_mode, _per);
            (options.CircuitBreaker.FailureThreshold, options.CircuitBreaker.RecoveryTimeout) = (IsProbe ? 1 : 100, Recovery);
            (options.Bulkhead.MaxConcurrency, options.Bulkhead.AcquisitionTimeout) = (WaitsForSlot ? 1 : 20, TimeSpan.FromMinutes(5));
            (options.Chaos.Enabled, options.Chaos.AllowInProduction, options.Chaos.LatencyRate, options.Chaos.Latency) = (_hasChaos, true, _hasChaos && !WaitsForSlot && !IsProbe ? 1 : 0, TimeSpan.FromMilliseconds(2));
            options.Bulkhead.Adaptive.Policy = _adapts && !WaitsForSlot ? AdaptivePolicy.Gradient : options.Bulkhead.Adaptive.Policy;
            options.MapExceptions = _maps;
            options.Failures.RetryResult<object>(result => result is "failed");
        }

        public object Attempt(int number) =>
            number > _failures ? number
            : FailsByResult ? "failed"
            : throw new SocketException((int)SocketError.ConnectionRefused);

        public override string ToString() =>
            $"overload {Overload}, total {_hasTotal}, attempt timeout {_hasAttemptTimeout}, adapts {_adapts}, chaos {_hasChaos}, maps {_maps}, waits {_waits}, circuit {_mode} {_per}, "
            + $"{_maxAttempts} attempts, {_failures} failures, by result {FailsByResult}, slot {WaitsForSlot}, probe {IsProbe}, context {IsOnUiThread}";
    }
}
