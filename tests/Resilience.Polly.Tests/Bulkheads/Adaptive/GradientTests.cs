namespace Resilience.Polly.Tests.Bulkheads;

/// <summary>Slots that follow latency.</summary>
public class GradientTests
{
    [Fact]
    public async Task Slots_grow_by_a_fifth_while_latency_stays_and_they_are_used()
    {
        await using var app = App();

        var slots = await WindowsAsync(app, 6, calls: _ => app.Limit);

        Assert.Equal([24, 29, 35, 42, 50, 60], slots);
    }

    [Fact]
    public async Task Slots_that_are_not_used_do_not_grow()
    {
        await using var app = App();

        var slots = await WindowsAsync(app, 3, calls: _ => 9);

        Assert.Equal([20, 20, 20], slots);
    }

    [Fact]
    public async Task Slots_shrink_while_attempts_take_longer_than_half_more()
    {
        await using var app = App();
        await app.WindowAsync(20);
        await app.WindowAsync(24, milliseconds: 149);
        Assert.Equal(24, app.Limit); // half more is no reason yet

        var slots = await WindowsAsync(app, 3, calls: _ => app.Limit, milliseconds: _ => 300);

        Assert.Equal([23, 22, 21], slots);
        Assert.Equal("300 ms on average, 100 ms without a queue", app.LastChange?.Reason);
    }

    [Fact]
    public async Task Failures_take_half_of_the_slots_in_each_window_at_most()
    {
        await using var app = App();

        Assert.Equal(14, await app.WindowAsync(20, failures: 6));
        Assert.Equal(7, await app.WindowAsync(14, failures: 14));
        Assert.Equal(5, await app.WindowAsync(7, failures: 7)); // MinLimit
    }

    [Fact]
    public async Task Dependency_that_became_slower_without_a_queue_gets_its_slots_back()
    {
        await using var app = App();
        await app.WindowAsync(20);

        // As slow with few slots as with many: the trial shows it.
        var slots = await WindowsAsync(app, 30, calls: _ => app.Limit, milliseconds: _ => 400);

        Assert.True(slots.Min() < 24, string.Join(' ', slots));
        Assert.Equal(100, slots[^1]);
    }

    [Fact]
    public async Task Queue_at_the_dependency_keeps_the_slots_low_and_is_tried_ever_more_seldom()
    {
        // 20 workers of 100 ms each: what is above 20 waits.
        await using var app = App();

        var slots = await WindowsAsync(app, 200, calls: _ => app.Limit, milliseconds: calls => 100 * Math.Max(1, calls / 20.0));

        Assert.InRange(slots[^1], 30, 40); // a queue of half as much again, and a root
        Assert.InRange(slots[100..].Max(), 30, 50);
        Assert.InRange(slots[100..].Count(limit => limit > 40), 1, 6); // trials
    }

    private static AdaptiveApp App() => new(o => (o.MaxConcurrency, o.Adaptive.Policy, o.Adaptive.MinimumAttempts) = (20, AdaptivePolicy.Gradient, 5));

    private static async Task<int[]> WindowsAsync(AdaptiveApp app, int windows, Func<int, int> calls, Func<int, double>? milliseconds = null)
    {
        var slots = new int[windows];
        for (var window = 0; window < windows; window++)
        {
            var inside = calls(window);
            slots[window] = await app.WindowAsync(inside, milliseconds?.Invoke(inside) ?? 100);
        }

        return slots;
    }
}
