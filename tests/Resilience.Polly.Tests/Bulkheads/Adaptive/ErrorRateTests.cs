namespace Resilience.Polly.Tests.Bulkheads;

/// <summary>The guide's rule, with the patience that keeps it from swinging.</summary>
public class ErrorRateTests
{
    [Theory]
    [InlineData(0, 40)]
    [InlineData(0.04, 40)]
    [InlineData(0.05, 20)]
    [InlineData(0.20, 20)]
    [InlineData(0.25, 10)]
    [InlineData(1, 10)]
    public async Task First_window_has_the_slots_of_the_guide(double failureRate, int slots)
    {
        await using var app = App(20);
        Assert.Equal(20, app.Limit);

        for (var hundred = 0; hundred < 4; hundred++)
        {
            // Four times 20 calls at once, and one more that ends the window.
            await FillAsync(app, failureRate);
        }

        Assert.Equal(slots, await app.WindowAsync(20, failures: (int)(20 * failureRate)));
    }

    [Theory]
    [InlineData(60, 100, 30)]
    [InlineData(8, 16, 5)]
    [InlineData(5, 10, 5)]
    public async Task Half_and_double_stay_within_the_limits(int slots, int twice, int half)
    {
        await using var app = App(slots);

        Assert.Equal(twice, await app.WindowAsync(5));
        Assert.Equal(half, await app.WindowAsync(5, failures: 5));
    }

    [Fact]
    public async Task Slots_come_back_one_step_at_a_time_after_a_step_down()
    {
        await using var app = App(20);
        Assert.Equal(10, await app.WindowAsync(10, failures: 10));

        Assert.Equal(10, await app.WindowAsync(10, failures: 10));
        int[] slots = [await app.WindowAsync(10), await app.WindowAsync(10), await app.WindowAsync(10), await app.WindowAsync(10)];
        Assert.Equal([10, 20, 20, 40], slots);
    }

    [Fact]
    public async Task Step_that_fails_again_and_again_is_tried_ever_more_seldom()
    {
        await using var app = App(20);
        var waits = new List<int>();
        for (var round = 0; round < 8; round++)
        {
            Assert.Equal(10, await app.WindowAsync(10, failures: 10));
            var windows = 0;
            while (app.Limit == 10 && windows < 100)
            {
                await app.WindowAsync(10);
                windows++;
            }

            waits.Add(windows);
        }

        Assert.Equal([2, 4, 8, 16, 32, 32, 32, 32], waits);
    }

    [Fact]
    public async Task Failures_between_the_bounds_take_the_double_back_to_the_base()
    {
        await using var app = App(20);
        Assert.Equal(40, await app.WindowAsync(10));

        Assert.Equal(20, await app.WindowAsync(10, failures: 1));
        Assert.Equal("10 % of 10 attempts failed", app.LastChange?.Reason);
    }

    private static AdaptiveApp App(int slots) => new(o => (o.MaxConcurrency, o.Adaptive.Policy, o.Adaptive.MinimumAttempts) = (slots, AdaptivePolicy.ErrorRate, 5));

    // Within the window: no time passes.
    private static async Task FillAsync(AdaptiveApp app, double failureRate)
    {
        for (var call = 0; call < 20; call++)
        {
            await new Dependency(call < 20 * failureRate ? Dependency.Throws(new TimeoutException()) : Dependency.Answers(1)).ThroughAsync(app.App.Pipeline);
        }
    }
}
