using System.Diagnostics;
using Microsoft.Extensions.DependencyInjection;

namespace Resilience.Polly.Tests.Queues;

/// <summary>Items come in, wait, are done in order and give their results.</summary>
public class QueueTests
{
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    [Fact]
    public async Task Enqueue_gives_the_result_of_the_work()
    {
        await using var app = await QueueApp.StartedAsync();

        Assert.Equal(42, await app.Queue.ExecuteAsync(_ => new ValueTask<int>(42)));
        var done = false;
        await app.Queue.ExecuteAsync(async _ => { await Task.Yield(); done = true; });

        Assert.True(done);
        Assert.Equal((2, 2), (app.Now.Accepted, app.Now.Completed));
    }

    [Fact]
    public async Task Enqueue_what_the_work_throws_reaches_the_enqueuer_as_it_was_thrown()
    {
        await using var app = await QueueApp.StartedAsync();
        var thrown = new InvalidOperationException("no such report");

        Assert.Same(thrown, await Assert.ThrowsAsync<InvalidOperationException>(() => app.Queue.ExecuteAsync(_ => throw thrown)));
        Assert.Same(thrown, await Assert.ThrowsAsync<InvalidOperationException>(() => app.Queue.ExecuteAsync<int>(async _ => { await Task.Yield(); throw thrown; })));
        Assert.Equal(2, app.Now.Failed);
    }

    [Fact]
    public async Task Enqueue_a_cancellation_that_is_not_the_enqueuers_is_a_failure()
    {
        await using var app = await QueueApp.StartedAsync();
        await Assert.ThrowsAsync<OperationCanceledException>(() => app.Queue.ExecuteAsync(_ => throw new OperationCanceledException()));
        Assert.Equal((1, 0), (app.Now.Failed, app.Now.Cancelled));
    }

    [Fact]
    public async Task Items_are_done_first_come_first_served()
    {
        await using var app = new QueueApp(o => o.Workers = 1);
        var order = new List<int>();
        var items = Enumerable.Range(0, 50).Select(i => app.Queue.ExecuteAsync(_ => { order.Add(i); return default; })).ToList();

        await app.StartAsync();
        await Task.WhenAll(items).WaitAsync(HeldCall.Patience);

        Assert.Equal(Enumerable.Range(0, 50), order);
    }

    [Fact]
    public async Task Workers_are_at_most_as_many_as_the_setting_says()
    {
        await using var app = await QueueApp.StartedAsync(o => o.Workers = 3);
        var items = Enumerable.Range(0, 5).Select(i => new HeldItem(i).EnqueueTo(app.Queue)).ToList();

        await QueueApp.WaitAsync(() => items.Take(3).All(item => item.IsInWork), () => app.Now.ToString());

        Assert.Equal((3, 2), (app.Now.Running, app.Now.Waiting));
        items[1].Complete();
        await QueueApp.WaitAsync(() => items[3].IsInWork, () => app.Now.ToString());
        Assert.False(items[4].IsInWork);
        Assert.Equal((3, 1), (app.Now.Running, app.Now.Waiting));
    }

    [Fact]
    public async Task Enqueue_before_the_host_starts_is_accepted_and_waits_for_it()
    {
        await using var app = new QueueApp();
        var item = new HeldItem(7).EnqueueTo(app.Queue);
        Assert.Equal((1, 1, 0), (app.Now.Accepted, app.Now.Waiting, app.Now.Running));

        await app.StartAsync();
        await QueueApp.WaitAsync(() => item.IsInWork, () => app.Now.ToString());
        item.Complete();

        Assert.Equal(7, await item.Task);
    }

    [Fact]
    public async Task Enqueue_full_queue_is_rejected_after_the_enqueue_timeout()
    {
        await using var app = new QueueApp(o => o.Capacity = 2);
        var inside = Enumerable.Range(0, 2).Select(i => new HeldItem(i).EnqueueTo(app.Queue)).ToList();
        var beyond = new HeldItem(2).EnqueueTo(app.Queue);
        Assert.Equal((2, 1), (app.Now.Waiting, app.Now.WaitingForRoom));

        app.Clock.Advance(Second - TimeSpan.FromTicks(1));
        Assert.False(beyond.Task.IsCompleted);
        app.Clock.Advance(TimeSpan.FromTicks(1));

        var full = Assert.IsType<QueueFullException>(await beyond.FailureAsync());
        Assert.Equal((TimeoutPhase.Pool, Second, 0), (full.Phase, full.Limit, full.Attempts));
        Assert.Equal(
            "Queue 'reports' is full: 2 requests wait already, and no place became free within 1 s. Slow down, degrade gracefully, or allow more in the queue's Capacity.",
            full.Message);
        Assert.Equal((2, 1, 0), (app.Now.Accepted, app.Now.Rejected, app.Now.WaitingForRoom));
        Assert.All(inside, item => Assert.False(item.Task.IsCompleted));
    }

    [Fact]
    public async Task Enqueue_full_queue_without_a_timeout_is_rejected_at_once()
    {
        await using var app = new QueueApp(o => (o.Capacity, o.EnqueueTimeout) = (1, TimeSpan.Zero));
        new HeldItem().EnqueueTo(app.Queue);

        var full = await Assert.ThrowsAsync<QueueFullException>(() => app.Queue.ExecuteAsync(_ => default));

        Assert.Equal(
            "Queue 'reports' is full: 1 requests wait already. Slow down, degrade gracefully, or allow more in the queue's Capacity.", full.Message);
    }

    [Fact]
    public async Task Enqueue_those_that_wait_for_room_come_in_in_order_and_nobody_overtakes_them()
    {
        await using var app = await QueueApp.StartedAsync(o => (o.Capacity, o.Workers) = (1, 1));
        var items = Enumerable.Range(0, 4).Select(i => new HeldItem(i)).ToList();
        items[0].EnqueueTo(app.Queue);
        await QueueApp.WaitAsync(() => items[0].IsInWork, () => app.Now.ToString());
        items.Skip(1).ToList().ForEach(item => item.EnqueueTo(app.Queue));
        Assert.Equal((1, 2), (app.Now.Waiting, app.Now.WaitingForRoom));

        foreach (var item in items)
        {
            await QueueApp.WaitAsync(() => item.IsInWork, () => app.Now.ToString());
            Assert.Single(items, other => other.IsInWork);
            item.Complete();
            Assert.Equal(item.Id, await item.Task);
        }

        Assert.Equal((4, 4, 0), (app.Now.Accepted, app.Now.Completed, app.Now.Rejected));
    }

    [Fact]
    public async Task Cancel_while_waiting_ends_the_item_at_once_and_makes_room()
    {
        await using var app = new QueueApp(o => o.Capacity = 1);
        var first = new HeldItem(1).EnqueueTo(app.Queue);
        var second = new HeldItem(2).EnqueueTo(app.Queue);

        first.Cancel();

        Assert.True(first.Task.IsCanceled || (await first.FailureAsync()) is OperationCanceledException);
        Assert.Equal(first.Token, (await Assert.ThrowsAnyAsync<OperationCanceledException>(() => first.Task)).CancellationToken);
        Assert.Equal((2, 1, 1, 0), (app.Now.Accepted, app.Now.Cancelled, app.Now.Waiting, app.Now.WaitingForRoom));
        await app.StartAsync();
        await QueueApp.WaitAsync(() => second.IsInWork, () => app.Now.ToString());
        second.Complete();
        await second.Task;
        Assert.Equal(0, first.Runs);
    }

    [Fact]
    public async Task Cancel_while_waiting_for_room_leaves_no_trace()
    {
        await using var app = new QueueApp(o => o.Capacity = 1);
        new HeldItem(1).EnqueueTo(app.Queue);
        var outside = new HeldItem(2).EnqueueTo(app.Queue);

        outside.Cancel();

        Assert.IsType<OperationCanceledException>(await outside.FailureAsync());
        Assert.Equal((1, 0, 0, 0), (app.Now.Accepted, app.Now.Cancelled, app.Now.Rejected, app.Now.WaitingForRoom));
    }

    [Fact]
    public async Task Cancel_while_in_work_reaches_the_work_by_its_token()
    {
        await using var app = await QueueApp.StartedAsync();
        var item = new HeldItem().EnqueueTo(app.Queue);
        await QueueApp.WaitAsync(() => item.IsInWork, () => app.Now.ToString());

        item.Cancel();

        Assert.IsType<OperationCanceledException>(await item.FailureAsync());
        Assert.Equal((1, 0), (app.Now.Cancelled, app.Now.Failed));
    }

    [Fact]
    public async Task Cancel_before_enqueuing_enqueues_nothing()
    {
        await using var app = await QueueApp.StartedAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => app.Queue.ExecuteAsync(_ => default, new CancellationToken(true)));
        Assert.Equal(0, app.Now.Accepted);
    }

    [Fact]
    public async Task EnqueueAsync_accepted_item_returns_a_ticket_that_completes_with_the_work()
    {
        await using var app = new QueueApp(o => o.Capacity = 1);
        var ticket = await app.Queue.EnqueueAsync(_ => new ValueTask<int>(3));
        var second = app.Queue.EnqueueAsync(_ => default);
        Assert.False(ticket.Completion.IsCompleted);
        Assert.False(second.IsCompleted);

        await app.StartAsync();

        Assert.Equal(3, await ticket.Completion.WaitAsync(HeldCall.Patience));
        await (await second.WaitAsync(HeldCall.Patience)).Completion.WaitAsync(HeldCall.Patience);
    }

    [Fact]
    public async Task Enqueue_no_code_of_the_enqueuer_runs_on_the_worker()
    {
        await using var app = await QueueApp.StartedAsync(o => o.Workers = 1);
        using var release = new ManualResetEventSlim();
        var first = new HeldItem(1).EnqueueTo(app.Queue);
        var blocked = first.Task.ContinueWith(_ => release.Wait(HeldCall.Patience), TaskContinuationOptions.ExecuteSynchronously);
        var second = app.Queue.ExecuteAsync(_ => new ValueTask<int>(2));
        await QueueApp.WaitAsync(() => first.IsInWork, () => app.Now.ToString());

        first.Complete();

        Assert.Equal(2, await second.WaitAsync(HeldCall.Patience)); // the one worker went on
        release.Set();
        Assert.True(await blocked);
    }

    [Fact]
    public async Task Work_runs_in_the_context_of_its_enqueuer()
    {
        await using var app = new QueueApp(o => o.Workers = 1);
        var local = new AsyncLocal<string>();
        using var source = new ActivitySource("queue test");
        using var listener = new ActivityListener { ShouldListenTo = s => s == source, Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllData };
        ActivitySource.AddActivityListener(listener);
        var seen = new List<string?>();
        var items = new List<Task>();
        var traces = new List<string?>();
        foreach (var who in new[] { "a", "b" })
        {
            local.Value = who;
            using var activity = source.StartActivity(who);
            traces.Add(activity!.TraceId.ToString());
            items.Add(app.Queue.ExecuteAsync(async _ => { await Task.Yield(); seen.Add($"{local.Value} {Activity.Current?.TraceId}"); }));
        }

        using (ExecutionContext.SuppressFlow())
        {
            items.Add(app.Queue.ExecuteAsync(_ => { seen.Add($"{local.Value}{Activity.Current?.TraceId}"); return default; }));
        }

        await app.StartAsync();
        await Task.WhenAll(items).WaitAsync(HeldCall.Patience);

        Assert.Equal([$"a {traces[0]}", $"b {traces[1]}", ""], seen);
    }

    [Fact]
    public async Task Queue_many_items_that_end_at_once_need_no_deep_stack()
    {
        await using var app = new QueueApp(o => (o.Workers, o.Capacity) = (1, 200_000));
        var items = Enumerable.Range(0, 100_000).Select(i => app.Queue.ExecuteAsync(_ => new ValueTask<int>(i))).ToList();
        await app.StartAsync();
        Assert.Equal(Enumerable.Range(0, 100_000), await Task.WhenAll(items).WaitAsync(TimeSpan.FromMinutes(1)));
    }

    [Fact]
    public async Task Queues_are_had_by_name_and_an_unknown_name_is_told_those_that_are_known()
    {
        await using var app = new QueueApp(more: builder => builder.AddRequestQueue("mail"));

        Assert.Same(app.Queue, app.Queues.GetQueue("REPORTS"));
        Assert.Equal(["mail", "reports"], app.Queues.GetSnapshots().Select(queue => queue.Name));
        Assert.Equal(
            "There is no request queue named 'post'. Known are: mail, reports. Add it to the configuration under Queues, or in code with AddRequestQueue.",
            Assert.Throws<KeyNotFoundException>(() => app.Queues.GetQueue("post")).Message);
        Assert.Throws<KeyNotFoundException>(() => app.Services.GetRequiredKeyedService<RequestQueue>("post"));
    }

    [Fact]
    public async Task Null_arguments_are_refused_at_once()
    {
        await using var app = new QueueApp();
        var queue = app.Queue;
        await Assert.ThrowsAsync<ArgumentNullException>("work", () => queue.ExecuteAsync(null!));
        await Assert.ThrowsAsync<ArgumentNullException>("work", () => queue.ExecuteAsync<int>(null!));
        await Assert.ThrowsAsync<ArgumentNullException>("work", () => queue.EnqueueAsync(null!));
        await Assert.ThrowsAsync<ArgumentNullException>("work", () => queue.EnqueueAsync<int>(null!));
        Assert.Throws<ArgumentNullException>("name", () => app.Queues.GetQueue(null!));
        Assert.Throws<ArgumentNullException>("name", () => new ServiceCollection().AddResilience().AddRequestQueue(null!));
    }
}
