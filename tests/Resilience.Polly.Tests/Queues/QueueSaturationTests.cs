using Microsoft.Extensions.DependencyInjection;

namespace Resilience.Polly.Tests.Queues;

/// <summary>An item that meets saturation goes back to its place, and its worker rests.</summary>
public class QueueSaturationTests
{
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    [Fact]
    public async Task Saturation_sends_the_item_back_to_its_place_and_its_worker_to_rest()
    {
        await using var app = await QueueApp.StartedAsync(o => o.Workers = 1);
        var items = Enumerable.Range(0, 3).Select(i => new HeldItem(i).EnqueueTo(app.Queue)).ToList();
        await QueueApp.WaitAsync(() => items[0].IsInWork, () => app.Now.ToString());

        items[0].MeetSaturation();
        await RestingAsync(app, timers: 1);

        Assert.Equal((3, 0, 1, 1), (app.Now.Waiting, app.Now.Running, app.Now.PausedWorkers, app.Now.Requeued));
        app.Clock.Advance(Second - TimeSpan.FromTicks(1));
        Assert.Equal(1, app.Now.PausedWorkers);
        app.Clock.Advance(TimeSpan.FromTicks(1));

        // The same again, before those that came after it.
        foreach (var item in items)
        {
            await QueueApp.WaitAsync(() => item.IsInWork, () => app.Now.ToString());
            item.Complete();
            Assert.Equal(item.Id, await item.Task);
        }

        Assert.Equal((2, 1, 1), (items[0].Runs, items[1].Runs, items[2].Runs));
        Assert.Equal((3, 0, 0), (app.Now.Completed, app.Now.Failed, app.Now.PausedWorkers));
    }

    [Fact]
    public async Task Saturation_rests_one_worker_and_the_others_go_on_with_the_oldest_item()
    {
        await using var app = await QueueApp.StartedAsync(o => o.Workers = 2);
        var items = Enumerable.Range(0, 4).Select(i => new HeldItem(i).EnqueueTo(app.Queue)).ToList();
        await QueueApp.WaitAsync(() => items[0].IsInWork && items[1].IsInWork, () => app.Now.ToString());

        items[0].MeetSaturation();
        await RestingAsync(app, timers: 1);
        items[1].Complete();

        await QueueApp.WaitAsync(() => items[0].IsInWork, () => app.Now.ToString());
        Assert.False(items[2].IsInWork);
        Assert.Equal(2, items[0].Runs);
    }

    [Fact]
    public async Task Saturation_items_go_back_in_the_order_of_their_acceptance()
    {
        await using var app = await QueueApp.StartedAsync(o => o.Workers = 3);
        var items = Enumerable.Range(0, 5).Select(i => new HeldItem(i).EnqueueTo(app.Queue)).ToList();
        await QueueApp.WaitAsync(() => items.Take(3).All(item => item.IsInWork), () => app.Now.ToString());
        var timers = 0;
        foreach (var item in new[] { items[1], items[0], items[2] })
        {
            item.MeetSaturation();
            await RestingAsync(app, ++timers);
        }

        app.Clock.Advance(Second);
        await app.UntilAsync(now => now.Running == 3);
        await QueueApp.WaitAsync(() => items.Take(3).All(item => item.IsInWork), () => app.Now.ToString());
        Assert.Equal([2, 2, 2, 0, 0], items.Select(item => item.Runs));
    }

    [Fact]
    public async Task Saturation_an_item_that_goes_back_to_a_full_queue_is_not_lost()
    {
        await using var app = await QueueApp.StartedAsync(o => (o.Capacity, o.Workers) = (1, 1));
        var inWork = new HeldItem(0).EnqueueTo(app.Queue);
        await QueueApp.WaitAsync(() => inWork.IsInWork, () => app.Now.ToString());
        new HeldItem(1).EnqueueTo(app.Queue);

        inWork.MeetSaturation();
        await app.UntilAsync(now => now.PausedWorkers == 1);

        Assert.Equal((2, 1), (app.Now.Waiting, app.Now.Options.Capacity));
    }

    [Fact]
    public async Task Saturation_of_a_cancelled_item_is_its_cancellation()
    {
        await using var app = await QueueApp.StartedAsync(o => o.Workers = 1);
        var item = new HeldItem(0, heedsToken: false).EnqueueTo(app.Queue);
        await QueueApp.WaitAsync(() => item.IsInWork, () => app.Now.ToString());

        item.Cancel();
        item.MeetSaturation();

        Assert.IsType<OperationCanceledException>(await item.FailureAsync());
        Assert.Equal((1, 0), (app.Now.Cancelled, app.Now.Requeued));
    }

    [Fact]
    public async Task Saturation_an_item_that_rests_can_be_cancelled()
    {
        await using var app = await QueueApp.StartedAsync(o => o.Workers = 1);
        var item = new HeldItem().EnqueueTo(app.Queue);
        await QueueApp.WaitAsync(() => item.IsInWork, () => app.Now.ToString());
        item.MeetSaturation();
        await app.UntilAsync(now => now.PausedWorkers == 1);

        item.Cancel();

        Assert.IsType<OperationCanceledException>(await item.FailureAsync());
        Assert.Equal((1, 0), (app.Now.Cancelled, app.Now.Waiting));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Pipeline_of_the_same_name_is_what_the_items_run_through(bool mapped)
    {
        await using var app = await QueueApp.StartedAsync(more: builder => builder.AddPipeline(QueueApp.Name, options =>
        {
            options.MapExceptions = mapped;
            options.Bulkhead.MaxConcurrency = 1;
            options.Bulkhead.AcquisitionTimeout = TimeSpan.Zero;
        }));
        var first = new HeldItem(1).EnqueueTo(app.Queue);
        await QueueApp.WaitAsync(() => first.IsInWork, () => app.Now.ToString());
        var second = new HeldItem(2).EnqueueTo(app.Queue);

        await app.UntilAsync(now => now.PausedWorkers == 3); // each of the others tried it once, and rests
        Assert.Equal((1, 1, 3), (app.Now.Waiting, app.Now.Running, app.Now.Requeued));
        Assert.Equal(0, second.Runs);
        var monitor = app.Services.GetRequiredService<IResilienceMonitor>();
        Assert.Equal(1, monitor.GetSnapshot(QueueApp.Name).Bulkhead.InUse);

        first.Complete();
        await QueueApp.WaitAsync(() => second.IsInWork, () => app.Now.ToString());
        second.Complete();
        Assert.Equal(2, await second.Task);
    }

    [Fact]
    public async Task Saturation_is_logged_at_once_and_then_once_a_minute_with_how_often_it_was_met()
    {
        await using var app = await QueueApp.StartedAsync(o => o.Workers = 1);
        var item = new HeldItem().EnqueueTo(app.Queue);
        for (var second = 1; second <= 62; second++)
        {
            await QueueApp.WaitAsync(() => item.IsInWork, () => app.Now.ToString());
            item.MeetSaturation();
            await RestingAsync(app, second);
            app.Clock.Advance(Second);
        }

        Assert.Equal(
            [
                "Warning: Queue 'reports' met saturation: 1 runs found no room, and their items went back; 1 wait",
                "Warning: Queue 'reports' met saturation: 60 runs found no room, and their items went back; 1 wait",
            ],
            app.Log.Lines.Where(line => line.Contains("saturation", StringComparison.Ordinal)));
    }

    private static Task RestingAsync(QueueApp app, int timers) =>
        QueueApp.WaitAsync(() => app.Clock.Timers >= timers && app.Now.PausedWorkers > 0, () => $"{app.Clock.Timers} timers, {app.Now}");
}
