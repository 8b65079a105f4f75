
namespace Resilience.Polly.Tests.Degradation;

/// <summary>Parts that do not do as they are told: they delay nobody, and what comes of them late is ignored.</summary>
public class ScatterGatherStubbornTests
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(2);

    private readonly TestClock _clock = new();
    private readonly ScatterGather _gather;

    public ScatterGatherStubbornTests() => _gather = new ScatterGather(_clock);

    [Fact]
    public async Task RunAsync_call_that_ignores_its_token_is_left_behind_and_its_late_answer_ignored()
    {
        var deaf = new HeldPart<Answer>(heedsToken: false);
        var instead = new Answer();
        var part = _gather.Add("deaf", deaf.CallAsync, instead);

        await RunToTheDeadlineAsync(deaf.StartedAsync());
        Assert.Same(instead, part.Value);

        var late = new Answer();
        deaf.Answer(late);
        await Until.IsTrueAsync(() => late.IsDisposed); // nobody else will ever see it
        Assert.Same(instead, part.Value);
        Assert.Equal((ScatterPartState.Fallback, false), (part.State, instead.IsDisposed));
    }

    [Fact]
    public async Task RunAsync_late_exception_is_observed_and_changes_nothing()
    {
        var unobserved = new List<Exception>();
        void Note(object? sender, UnobservedTaskExceptionEventArgs e) => unobserved.AddRange(e.Exception.InnerExceptions);
        TaskScheduler.UnobservedTaskException += Note;
        try
        {
            var deaf = new HeldPart<int>(heedsToken: false);
            var part = _gather.Add("deaf", deaf.CallAsync);
            await RunToTheDeadlineAsync(deaf.StartedAsync());

            deaf.Fail(new LateException());
            await deaf.EndedAsync();
            for (var round = 0; round < 3; round++)
            {
                GC.Collect();
                GC.WaitForPendingFinalizers();
            }

            Assert.IsType<ApiTimeoutException>(part.Failure);
            Assert.DoesNotContain(unobserved, exception => exception is LateException);
        }
        finally
        {
            TaskScheduler.UnobservedTaskException -= Note;
        }
    }

    [Fact]
    public async Task RunAsync_late_fallback_is_ignored()
    {
        var (call, fallback) = (new HeldPart<int>(), new HeldPart<int>(heedsToken: false));
        var part = _gather.Add("deaf", call.CallAsync, fallback.CallAsync);

        var run = _gather.RunAsync(Deadline);
        await call.StartedAsync();
        _clock.Advance(Deadline);
        await fallback.StartedAsync();
        _clock.Advance(_gather.FallbackGrace);
        await run.WaitAsync(HeldCall.Patience);
        fallback.Answer(7);
        await fallback.EndedAsync();

        Assert.Equal((ScatterPartState.Missing, false), (part.State, part.TryGetValue(out _)));
    }

    [Fact]
    public async Task RunAsync_call_that_blocks_keeps_no_other_from_starting_and_nobody_waiting()
    {
        using var gate = new ManualResetEventSlim();
        using var blocked = new ManualResetEventSlim();
        var first = _gather.Add(
            "first",
            _ =>
            {
                blocked.Set();
                gate.Wait(CancellationToken.None);
                return new ValueTask<int>(1);
            },
            7);
        var second = _gather.Add("second", _ => new ValueTask<int>(2));

        var run = _gather.RunAsync(Deadline);
        await Until.IsTrueAsync(() => second.HasValue && blocked.IsSet);
        _clock.Advance(Deadline);
        await run.WaitAsync(HeldCall.Patience);

        Assert.Equal((7, 2), (first.Value, second.Value));
        gate.Set();
    }

    [Fact]
    public async Task RunAsync_what_is_registered_with_a_token_can_neither_delay_nor_fail_the_run()
    {
        using var gate = new ManualResetEventSlim();
        var registered = new TaskCompletionSource();
        var part = _gather.Add(
            "registers",
            async token =>
            {
                token.Register(gate.Wait);
                token.Register(() => throw new InvalidOperationException("of a callback"));
                registered.SetResult();
                await Task.Delay(Timeout.Infinite, CancellationToken.None);
                return 1;
            },
            7);

        await RunToTheDeadlineAsync(registered.Task);

        Assert.Equal(7, part.Value);
        gate.Set();
    }

    private async Task RunToTheDeadlineAsync(Task started)
    {
        var run = _gather.RunAsync(Deadline);
        await started.WaitAsync(HeldCall.Patience);
        _clock.Advance(Deadline);
        await run.WaitAsync(HeldCall.Patience);
    }

    private sealed class LateException : Exception;

    private sealed class Answer : IDisposable
    {
        private volatile bool _isDisposed;

        public bool IsDisposed => _isDisposed;

        public void Dispose() => _isDisposed = true;
    }
}
