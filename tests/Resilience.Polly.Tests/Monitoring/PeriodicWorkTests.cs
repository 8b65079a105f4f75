
using Resilience.Polly.Primitives;

namespace Resilience.Polly.Tests.Monitoring;

/// <summary>The one timer for what is done again and again.</summary>
public class PeriodicWorkTests
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Long = TimeSpan.FromMinutes(1);

    private readonly TestClock _clock = new();
    private readonly List<Exception> _reported = [];
    private int _runs;

    [Fact]
    public void Start_work_is_done_once_per_interval_until_disposed()
    {
        using var work = Of(() => _runs++);
        _clock.Advance(Interval);
        Assert.Equal(0, _runs);
        work.Start();
        Pass(3);
        Assert.Equal(3, _runs);

        work.Dispose();
        Pass(3);
        Assert.Equal(3, _runs);
    }

    [Fact]
    public void Work_that_throws_is_reported_and_keeps_nothing_else_from_being_done()
    {
        var failure = new InvalidOperationException("no");
        using var work = Of(() => throw failure, () => _runs++);
        work.Start();
        Pass(2);

        Assert.Equal((2, 2), (_runs, _reported.Count));
        Assert.All(_reported, reported => Assert.Same(failure, reported));
    }

    [Fact]
    public void Work_that_disposes_of_itself_is_done_to_its_end_and_not_again()
    {
        PeriodicWork work = null!;
        work = Of(() => work.Dispose(), () => _runs++);
        work.Start();
        Pass(3);

        Assert.Equal(1, _runs);
    }

    [Fact]
    public async Task Run_begins_when_the_last_one_is_over()
    {
        var (entered, leave) = (new SemaphoreSlim(0), new SemaphoreSlim(0));
        using var work = Of(() =>
        {
            _runs++;
            entered.Release();
            Assert.True(leave.Wait(Long));
        });
        work.Start();
        var first = Task.Run(() => _clock.Advance(Interval));
        Assert.True(await entered.WaitAsync(Long));
        Pass(3);
        Assert.Equal(1, _runs);

        leave.Release(2);
        await first.WaitAsync(Long);
        Pass(1);
        Assert.Equal((2, 0), (_runs, _reported.Count));
    }

    [Fact]
    public async Task DisposeAsync_waits_for_the_run_that_has_begun()
    {
        var (entered, leave) = (new SemaphoreSlim(0), new SemaphoreSlim(0));
        var work = new PeriodicWork(TimeProvider.System, TimeSpan.FromMilliseconds(1), _reported.Add, () =>
        {
            entered.Release();
            Assert.True(leave.Wait(Long));
            _runs++;
        });
        work.Start();
        Assert.True(await entered.WaitAsync(Long));
        var disposed = work.DisposeAsync().AsTask();
        Assert.False(disposed.IsCompleted);

        leave.Release();
        await disposed.WaitAsync(Long);
        Assert.Equal((1, 0), (_runs, _reported.Count));
    }

    [Fact]
    public async Task Start_takes_no_context_along()
    {
        var context = new AsyncLocal<string?> { Value = "of the caller" };
        var seen = new TaskCompletionSource<string?>();
        await using var work = new PeriodicWork(TimeProvider.System, TimeSpan.FromMilliseconds(1), _reported.Add, () => seen.TrySetResult(context.Value));
        work.Start();

        Assert.Null(await seen.Task.WaitAsync(Long));
    }

    private PeriodicWork Of(params Action[] work) => new(_clock, Interval, _reported.Add, work);

    private void Pass(int intervals)
    {
        for (var i = 0; i < intervals; i++)
        {
            _clock.Advance(Interval);
        }
    }
}
