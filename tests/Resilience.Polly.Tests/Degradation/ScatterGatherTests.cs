using Microsoft.Extensions.DependencyInjection;

namespace Resilience.Polly.Tests.Degradation;

public class ScatterGatherTests
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(2);

    private readonly TestClock _clock = new();
    private readonly ScatterGather _gather;

    public ScatterGatherTests() => _gather = new ScatterGather(_clock);

    [Fact]
    public async Task RunAsync_all_answer_ends_at_once_and_nothing_is_degraded()
    {
        var posts = _gather.Add("posts", async _ =>
        {
            await Task.Yield();
            return "posts";
        });
        var ads = _gather.Add("ads", _ => new ValueTask<int>(3), 0);

        await _gather.RunAsync(Deadline).WaitAsync(HeldCall.Patience);

        Assert.Equal(("posts", 3), (posts.Value, ads.Value));
        Assert.Equal((ScatterPartState.Answered, true, false), (posts.State, posts.HasValue, posts.IsDegraded));
        Assert.Null(ads.Failure);
        Assert.Empty(_gather.Degraded);
        Assert.Equal([posts, ads], _gather.Parts);
    }

    [Fact]
    public async Task RunAsync_straggler_is_cancelled_at_the_deadline_and_its_fallback_used()
    {
        var hung = new HeldPart<string>();
        var late = _gather.Add("late", hung.CallAsync, "instead");
        var fine = _gather.Add("fine", _ => new ValueTask<int>(1));

        var run = _gather.RunAsync(Deadline);
        await hung.StartedAsync();
        await Until.IsTrueAsync(() => fine.HasValue);
        _clock.Advance(Deadline - TimeSpan.FromMilliseconds(1));
        Assert.False(run.IsCompleted || hung.Token.IsCancellationRequested);
        _clock.Advance(TimeSpan.FromMilliseconds(1));
        await run.WaitAsync(HeldCall.Patience);

        Assert.Equal(("instead", 1), (late.Value, fine.Value));
        Assert.Equal(["late"], _gather.Degraded);
        var failure = Assert.IsType<ApiTimeoutException>(late.Failure);
        Assert.Equal((TimeoutPhase.Total, Deadline), (failure.Phase, failure.Limit));
        Assert.Equal("Part 'late' did not answer within 2 s, the deadline of all parts.", failure.Message);
        await hung.EndedAsync();
        Assert.True(hung.Token.IsCancellationRequested);
    }

    [Fact]
    public async Task RunAsync_part_that_fails_is_degraded_at_once_by_whatever_it_threw()
    {
        var business = new InvalidOperationException("business");
        var part = _gather.Add("profile", ValueTask<string> (_) => throw business, (failure, _) => new($"instead of {failure.Message}"));
        var foreign = _gather.Add("foreign", ValueTask<int> (_) => throw new OperationCanceledException(), 4);

        await _gather.RunAsync(Deadline).WaitAsync(HeldCall.Patience);

        Assert.Equal((ScatterPartState.Fallback, "instead of business", 4), (part.State, part.Value, foreign.Value));
        Assert.Same(business, part.Failure);
        Assert.Equal(["profile", "foreign"], _gather.Degraded);
    }

    [Fact]
    public async Task RunAsync_part_without_fallback_is_missing()
    {
        var part = _gather.Add("friends", ValueTask<int> (_) => throw new TimeoutException("slow"));

        await _gather.RunAsync(Deadline).WaitAsync(HeldCall.Patience);

        Assert.Equal((ScatterPartState.Missing, false, true), (part.State, part.HasValue, part.IsDegraded));
        Assert.False(part.TryGetValue(out _));
        var missing = Assert.Throws<InvalidOperationException>(() => part.Value);
        Assert.StartsWith("Part 'friends' has no value: its call failed", missing.Message, StringComparison.Ordinal);
        Assert.IsType<TimeoutException>(missing.InnerException);
        Assert.Null(part.FallbackFailure);
    }

    [Fact]
    public async Task RunAsync_fallback_that_fails_leaves_the_part_missing_and_both_failures_on_it()
    {
        var part = _gather.Add("market", ValueTask<int> (_) => throw new TimeoutException(), ValueTask<int> (_) => throw new NotSupportedException());

        await _gather.RunAsync(Deadline).WaitAsync(HeldCall.Patience);

        Assert.Equal(ScatterPartState.Missing, part.State);
        Assert.IsType<TimeoutException>(part.Failure);
        Assert.IsType<NotSupportedException>(part.FallbackFailure);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task RunAsync_fallback_that_hangs_is_given_up_after_the_grace(bool failsBeforeTheDeadline)
    {
        var (call, fallback) = (new HeldPart<int>(heedsToken: false), new HeldPart<int>());
        var part = _gather.Add("market", call.CallAsync, fallback.CallAsync);

        var run = _gather.RunAsync(Deadline);
        await call.StartedAsync();
        if (failsBeforeTheDeadline)
        {
            call.Fail(new TimeoutException());
            await fallback.StartedAsync();
        }

        _clock.Advance(Deadline);
        await fallback.StartedAsync();
        Assert.False(fallback.Token.IsCancellationRequested);
        _clock.Advance(TimeSpan.FromMilliseconds(24));
        Assert.False(run.IsCompleted);
        _clock.Advance(TimeSpan.FromMilliseconds(1));
        await run.WaitAsync(HeldCall.Patience);

        Assert.Equal(ScatterPartState.Missing, part.State);
        Assert.Equal("The fallback of part 'market' did not answer within 25 ms after the deadline of all parts.", part.FallbackFailure?.Message);
        await fallback.EndedAsync();
        Assert.True(fallback.Token.IsCancellationRequested);
    }

    [Fact]
    public async Task RunAsync_without_grace_fallback_values_are_used_all_the_same()
    {
        _gather.FallbackGrace = TimeSpan.Zero;
        var (hung, fallback) = (new HeldPart<int>(), new HeldPart<int>());
        var withDelegate = _gather.Add("delegate", hung.CallAsync, fallback.CallAsync);
        var withValue = _gather.Add("value", hung.CallAsync, 7);

        var run = _gather.RunAsync(Deadline);
        await hung.StartedAsync();
        _clock.Advance(Deadline);
        await run.WaitAsync(HeldCall.Patience);

        Assert.Equal((ScatterPartState.Missing, 7), (withDelegate.State, withValue.Value));
    }

    [Fact]
    public async Task RunAsync_null_is_a_value()
    {
        var part = _gather.Add("note", ValueTask<string?> (_) => throw new TimeoutException(), fallbackValue: null);

        await _gather.RunAsync(Deadline).WaitAsync(HeldCall.Patience);

        Assert.True(part.HasValue);
        Assert.Null(part.Value);
    }

    [Fact]
    public async Task RunAsync_no_parts_ends_at_once()
    {
        await _gather.RunAsync(Deadline).WaitAsync(HeldCall.Patience);
        Assert.Empty(_gather.Degraded);
    }

    [Fact]
    public async Task AddResilience_gives_a_new_one_each_time_on_the_clock_of_the_application()
    {
        await using var app = new TestPipelines(services => services.AddResilience());
        var gather = app.Services.GetRequiredService<ScatterGather>();
        Assert.NotSame(gather, app.Services.GetRequiredService<ScatterGather>());
        var hung = new HeldPart<int>();
        var part = gather.Add("hung", hung.CallAsync, 7);

        var run = gather.RunAsync(Deadline);
        await hung.StartedAsync();
        app.Clock.Advance(Deadline);
        await run.WaitAsync(HeldCall.Patience);

        Assert.Equal(7, part.Value);
    }
}
