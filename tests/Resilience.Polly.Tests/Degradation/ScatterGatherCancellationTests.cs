
namespace Resilience.Polly.Tests.Degradation;

/// <summary>The caller's own cancellation is the one thing that RunAsync throws.</summary>
public class ScatterGatherCancellationTests
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(2);

    private readonly TestClock _clock = new();
    private readonly ScatterGather _gather;

    public ScatterGatherCancellationTests() => _gather = new ScatterGather(_clock);

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task RunAsync_cancelled_by_the_caller_throws_with_its_token_and_cancels_the_parts(bool heedsToken)
    {
        using var caller = new CancellationTokenSource();
        var hung = new HeldPart<int>(heedsToken);
        var part = _gather.Add("hung", hung.CallAsync, 7);
        var fine = _gather.Add("fine", _ => new ValueTask<int>(1));

        var run = _gather.RunAsync(Deadline, caller.Token);
        await hung.StartedAsync();
        await Until.IsTrueAsync(() => fine.HasValue);
        await caller.CancelAsync();

        await AssertCancelledAsync(run, caller.Token);
        Assert.Equal((ScatterPartState.Missing, 1), (part.State, fine.Value));
        Assert.IsType<OperationCanceledException>(part.Failure);
        Assert.Equal(["hung"], _gather.Degraded);
        await Until.IsTrueAsync(() => hung.Token.IsCancellationRequested);
        hung.Answer(3);
        await hung.EndedAsync();
        Assert.False(part.HasValue);
    }

    [Fact]
    public async Task RunAsync_cancelled_before_starts_nothing()
    {
        using var caller = new CancellationTokenSource();
        await caller.CancelAsync();
        var started = 0;
        var part = _gather.Add("part", _ => new ValueTask<int>(Interlocked.Increment(ref started)), 7);

        await AssertCancelledAsync(_gather.RunAsync(Deadline, caller.Token), caller.Token);

        Assert.Equal((0, ScatterPartState.Missing), (Volatile.Read(ref started), part.State));
    }

    [Fact]
    public async Task RunAsync_cancelled_in_the_grace_throws()
    {
        using var caller = new CancellationTokenSource();
        var (call, fallback) = (new HeldPart<int>(), new HeldPart<int>());
        _gather.Add("part", call.CallAsync, fallback.CallAsync);

        var run = _gather.RunAsync(Deadline, caller.Token);
        await call.StartedAsync();
        _clock.Advance(Deadline);
        await fallback.StartedAsync();
        await caller.CancelAsync();

        await AssertCancelledAsync(run, caller.Token);
        await Until.IsTrueAsync(() => fallback.Token.IsCancellationRequested);
    }

    /// <summary>The delegate looks at the caller's token itself, so that the part fails, and falls back, before the run knows why.</summary>
    [Fact]
    public async Task RunAsync_cancelled_parts_that_fall_back_because_of_it_make_no_answer()
    {
        using var caller = new CancellationTokenSource();
        var started = new TaskCompletionSource();
        _gather.Add(
            "part",
            async _ =>
            {
                started.SetResult();
                await Task.Delay(Timeout.Infinite, caller.Token);
                return 1;
            },
            7);

        var run = _gather.RunAsync(Deadline, caller.Token);
        await started.Task.WaitAsync(HeldCall.Patience);
        await caller.CancelAsync();

        await AssertCancelledAsync(run, caller.Token);
    }

    private static async Task AssertCancelledAsync(Task run, CancellationToken token) =>
        Assert.Equal(token, (await Assert.ThrowsAnyAsync<OperationCanceledException>(() => run.WaitAsync(HeldCall.Patience))).CancellationToken);
}
