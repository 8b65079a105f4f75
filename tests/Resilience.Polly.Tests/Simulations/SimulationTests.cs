using Resilience.Polly.Simulations;
using Overloads = Resilience.Polly.Simulations.Overload; // there is a namespace of that name too

namespace Resilience.Polly.Tests.Simulations;

/// <summary>The simulations of benchmarks/Resilience.Polly.Simulations in their short form, with what they must show.</summary>
public class SimulationTests
{
    private static readonly int Seed = Random.Shared.Next(1_000_000_000);

    public SimulationTests() => TestContext.Current.TestOutputHelper?.WriteLine($"seed {Seed}");

    [Fact]
    public async Task Retry_budget_bounds_what_an_outage_gets_to_a_fifth_more_than_the_calls_and_the_reserve()
    {
        var run = await RunAsync(() => Outage.Run("ours, budget alone", Station.Health.Down, Seed));
        var bare = await RunAsync(() => Outage.Run("bare retries", Station.Health.Down, Seed));

        // Ten a second are 0.2 for each of 50 calls; the budget counts over 10 s, so that a window may begin before the outage.
        Assert.InRange(run.AttemptsPerCall, 1, 1.2 + 0.2 + 0.1);
        Assert.InRange(bare.AttemptsPerCall, 2.7, 3);
    }

    [Fact]
    public async Task Open_circuit_gets_one_probe_in_each_recovery_timeout_and_is_back_within_one_of_them()
    {
        var run = await RunAsync(() => Outage.Run("ours", Station.Health.Down, Seed));

        // It is open some seconds after the outage begins: a call fails with its third attempt.
        Assert.InRange(run.Attempts.Sum(Outage.Healthy + 10, Outage.Healthy + Outage.Away), 1, 2);
        Assert.InRange(run.FullServiceAfter ?? int.MaxValue, 0, 31);
        Assert.InRange(run.MostAfter, 0, 100); // twice the usual: those who waited do not all come back at once
    }

    [Fact]
    public async Task Service_is_full_again_within_one_recovery_timeout_after_a_dependency_that_hung()
    {
        var run = await RunAsync(() => Outage.Run("ours", Station.Health.Hung, Seed));

        Assert.InRange(run.FullServiceAfter ?? int.MaxValue, 0, 31);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Breaks_that_lengthen_from_a_short_one_serve_a_dependency_that_is_down_in_turns(bool retries)
    {
        var fixedBreak = await RunAsync(() => Turns.Run("breaks of 30 s", turn: 10, retries, Seed));
        var lengthening = await RunAsync(() => Turns.Run("2 s to 30 s, x 1.25", turn: 10, retries, Seed));

        // Of the calls that begin while it is well; half of all begin while it is down.
        Assert.InRange(lengthening.WhileWell, 0.70, 1);
        Assert.InRange(fixedBreak.WhileWell, 0, 0.60);
        Assert.InRange(lengthening.OfAll, 0.35, 0.55);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public async Task Adaptive_slots_serve_what_is_possible_where_a_fixed_limit_twice_too_high_serves_nobody(int which)
    {
        var what = Overloads.Cases[which];

        var shares = await RunAsync(() => Overloads.Contestants.ToDictionary(contestant => contestant, contestant => Overloads.Run(what, contestant, Seed).Share));

        Assert.InRange(shares["Gradient"], 0.90, 1.05);
        Assert.InRange(shares["ErrorRate"], 0.80, 1.05);
        Assert.InRange(shares["fixed, twice too high"], 0, 0.20);
    }

    // The floors lie well below the worst of 30 seeds, so that a seed of chance holds them.
    [Theory]
    [InlineData(nameof(Shapes.CallerDeadline), 0.85)]
    [InlineData(nameof(Shapes.HalfTheSlots), 0.90)]
    [InlineData(nameof(Shapes.Exponential), 0.80)]
    [InlineData(nameof(Shapes.HeavyTail), 0.65)]
    [InlineData(nameof(Shapes.FromTheStart), 0.90)]
    [InlineData(nameof(Shapes.TenClients), 0.80)]
    [InlineData(nameof(Shapes.BrownOut), 0.90)]
    [InlineData(nameof(Shapes.SlowerForGood), 0.65)]
    [InlineData(nameof(Shapes.LongAttempts), 0.60)]
    [InlineData(nameof(Shapes.LowTraffic), 0.40)]
    [InlineData(nameof(Shapes.ShortDeadline), 0.65)]
    [InlineData(nameof(Shapes.LeavingEarly), 0.93)]
    public async Task Gradient_serves_most_of_what_is_possible_in_each_shape_of_the_page(string name, double floor)
    {
        var shape = (Shape)typeof(Shapes).GetProperty(name)!.GetValue(null)!;

        var run = await RunAsync(() => Shapes.Run(shape, AdaptivePolicy.Gradient, Seed));

        Assert.True(run.Share >= floor, $"seed {Seed}: {run.Share:P0} of {shape}, {run.Limits[^1]} slots at the end");
    }

    [Theory]
    [InlineData(nameof(Shapes.HalfTheSlots), 0.75, 1.05)]
    [InlineData(nameof(Shapes.CallerDeadline), 0, 0.10)] // half of 86 slots is too many, and fewer it cannot have
    [InlineData(nameof(Shapes.ShortDeadline), 0, 0.10)]
    public async Task ErrorRate_serves_most_where_half_of_its_slots_are_few_enough_and_nobody_where_they_are_not(string name, double least, double most)
    {
        var shape = (Shape)typeof(Shapes).GetProperty(name)!.GetValue(null)!;

        var run = await RunAsync(() => Shapes.Run(shape, AdaptivePolicy.ErrorRate, Seed));

        Assert.InRange(run.Share, least, most);

        // It falls, wherever the deadline stands. Seconds in which it tries more are few.
        var limits = run.Limits.Skip(shape.Begins + 5).Order().ToList();
        Assert.Equal(shape.Slots / 2, limits[limits.Count / 2]);
    }

    [Fact]
    public async Task Gradient_serves_callers_in_overload_of_any_shape()
    {
        for (var seed = Seed; seed < Seed + 6; seed++)
        {
            var drawn = seed;
            var shape = Shape.Draw(drawn);
            var run = await RunAsync(() => Shapes.Run(shape, AdaptivePolicy.Gradient, drawn));
            Assert.True(run.Share >= 0.30, $"seed {seed}: {run.Share:P0} of {shape}, {run.Limits[^1]} slots at the end");
        }
    }

    [Theory]
    [InlineData(1.2, 20, 0.85, 1)]
    [InlineData(1.2, 1_000, 0.70, 1)]
    [InlineData(2, 20, 0.50, 0.80)] // a share of 30 % leaves half as much again as the machine can do
    [InlineData(2, 1_000, 0, 0.10)]
    public async Task Critical_calls_are_answered_in_time_as_far_as_the_share_takes_the_overload_away(double load, int slots, double least, double most)
    {
        var run = await RunAsync(() => CriticalCalls.Run(load, share: 0.3, slots, Seed));

        Assert.InRange(run.Critical, least, most);
    }

    [Fact]
    public async Task Hung_service_does_not_slow_others_down_that_have_bulkheads_of_their_own()
    {
        var well = await RunAsync(() => Isolation.Run(isShared: false, hangs: false, Seed));
        var hung = await RunAsync(() => Isolation.Run(isShared: false, hangs: true, Seed));
        var shared = await RunAsync(() => Isolation.Run(isShared: true, hangs: true, Seed));

        Assert.InRange(hung.A.P99 / well.A.P99, 0, 1.2);
        Assert.InRange(hung.C.P99 / well.C.P99, 0, 1.2);
        Assert.Equal((1, 1), (hung.A.GoodShare, hung.C.GoodShare));
        Assert.InRange(shared.A.GoodShare, 0, 0.5); // as the guide tells it
    }

    // Off the context of the test: calls go on where the clock fires.
    private static Task<TResult> RunAsync<TResult>(Func<TResult> run) => Task.Run(run);
}
