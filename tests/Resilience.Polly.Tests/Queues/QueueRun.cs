namespace Resilience.Polly.Tests.Queues;

/// <summary>One random sequence of steps, taken by a queue and by its model, which are compared after each step.</summary>
internal sealed class QueueRun(int seed)
{
    private const int Steps = 60;

    // A half, so that no wait for room ends in the same moment as a pause: which comes first would be for threads to say.
    private static readonly TimeSpan Room = TimeSpan.FromSeconds(2.5);
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(2);

    private readonly Random _random = new(seed);
    private readonly List<HeldItem> _items = [];
    private readonly List<string> _steps = [];

    public HashSet<string> Seen { get; } = [];

    public async Task RunAsync()
    {
        var (capacity, workers) = (_random.Next(1, 6), _random.Next(1, 5));
        var room = _random.Next(4) == 0 ? TimeSpan.Zero : Room;
        var drains = _random.Next(2) == 0;
        await using var app = await QueueApp.StartedAsync(options =>
        {
            (options.Capacity, options.Workers, options.EnqueueTimeout, options.Pause) = (capacity, workers, room, Pause);
            options.DrainTimeout = drains ? TimeSpan.FromDays(1) : TimeSpan.Zero;
        });
        var model = new QueueModel(capacity, workers, room, Pause);
        for (var step = 0; step < Steps; step++)
        {
            Take(app, model);
            await CompareAsync(app, model);
        }

        await StopAsync(app, model, drains);
    }

    private void Take(QueueApp app, QueueModel model)
    {
        var step = _random.Next(10);
        if (step < 4 || _items.Count == 0)
        {
            Note($"enqueue {_items.Count}");
            model.Enqueue(_items.Count);
            _items.Add(new HeldItem(_items.Count).EnqueueTo(app.Queue));
        }
        else if (step < 7 && model.Running.Count > 0)
        {
            End(model, _items[model.Running[_random.Next(model.Running.Count)]]);
        }
        else if (step == 7)
        {
            var item = _items[_random.Next(_items.Count)];
            Note($"cancel {item.Id}");
            model.Cancel(item.Id);
            item.Cancel();
        }
        else
        {
            Note("a second passes");
            model.Advance(TimeSpan.FromSeconds(1));
            app.Clock.Advance(TimeSpan.FromSeconds(1));
        }
    }

    private void End(QueueModel model, HeldItem item)
    {
        switch (_random.Next(3))
        {
            case 0:
                Note($"complete {item.Id}");
                model.Complete(item.Id);
                item.Complete();
                break;
            case 1:
                Note($"fail {item.Id}");
                model.Fail(item.Id);
                item.Fail();
                break;
            default:
                Note($"saturate {item.Id}");
                model.MeetSaturation(item.Id);
                item.MeetSaturation();
                break;
        }
    }

    private Task CompareAsync(QueueApp app, QueueModel model)
    {
        var expected = (
            model.Accepted, model.Completed, model.Failed, model.Cancelled, model.Rejected, model.Requeued,
            model.Line.Count, model.Running.Count, model.Paused, model.Outside.Count);
        var running = string.Join(' ', model.Running.Order());
        return QueueApp.WaitAsync(
            () => Of(app.Now) == expected && InWork() == running && app.Clock.Timers == model.Timers,
            () => $"Seed {seed}: {string.Join(", ", _steps)}\nmodel: {expected}, in work {running}, {model.Timers} timers\n" +
                $"queue: {Of(app.Now)}, in work {InWork()}, {app.Clock.Timers} timers");
    }

    private async Task StopAsync(QueueApp app, QueueModel model, bool drains)
    {
        var before = app.Now;
        var stopping = app.StopAsync();
        if (drains)
        {
            // Those that rest are woken by the clock, and every run succeeds.
            while (!stopping.IsCompleted)
            {
                _items.Where(item => item.IsInWork).ToList().ForEach(item => item.TryComplete());
                app.Clock.Advance(TimeSpan.FromMilliseconds(100));
                await Task.Yield();
            }
        }

        await stopping.WaitAsync(HeldCall.Patience);
        var end = app.Now;
        QueueApp.AssertNothingVanished(end);
        Assert.Equal(before.Accepted, end.Accepted);
        Assert.Equal(before.Rejected + before.WaitingForRoom, end.Rejected);
        Assert.Equal(drains ? 0 : model.Line.Count + model.Running.Count, end.HandedBack);
        foreach (var item in _items)
        {
            Seen.Add((await item.FailureAsync())?.GetType().Name ?? "completed");
        }
    }

    private string InWork() => string.Join(' ', _items.Where(item => item.IsInWork).Select(item => item.Id));

    private static (long, long, long, long, long, long, int, int, int, int) Of(QueueSnapshot now) => (
        now.Accepted, now.Completed, now.Failed, now.Cancelled, now.Rejected, now.Requeued,
        now.Waiting, now.Running, now.PausedWorkers, now.WaitingForRoom);

    private void Note(string step) => _steps.Add(step);
}
