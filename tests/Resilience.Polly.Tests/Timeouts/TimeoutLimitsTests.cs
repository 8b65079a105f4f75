namespace Resilience.Polly.Tests.Timeouts;

public class TimeoutLimitsTests
{
    private static readonly TimeSpan Tick = TimeSpan.FromTicks(1);

    [Theory]
    [InlineData(TimeoutPhase.Connect)]
    [InlineData(TimeoutPhase.Read)]
    [InlineData(TimeoutPhase.Write)]
    [InlineData(TimeoutPhase.Attempt)]
    public void ThrowIfOutOfRange_allows_a_millisecond_to_a_day_and_infinite(TimeoutPhase phase)
    {
        foreach (var good in new TimeSpan?[] { null, TimeoutLimits.Shortest, TimeoutLimits.Longest, Timeout.InfiniteTimeSpan })
        {
            TimeoutLimits.ThrowIfOutOfRange(good, phase, "limit");
        }

        foreach (var bad in new[] { TimeSpan.Zero, TimeoutLimits.Shortest - Tick, TimeoutLimits.Longest + Tick, -TimeSpan.FromSeconds(1) })
        {
            var refused = Assert.Throws<ArgumentOutOfRangeException>(() => TimeoutLimits.ThrowIfOutOfRange(bad, phase, "limit"));
            Assert.Equal(("limit", (object)bad), (refused.ParamName, refused.ActualValue));
            Assert.Contains("allowed is 00:00:00.0010000 to 1.00:00:00", refused.Message);
        }
    }

    [Fact]
    public void ThrowIfOutOfRange_allows_zero_for_the_pool_only()
    {
        TimeoutLimits.ThrowIfOutOfRange(TimeSpan.Zero, TimeoutPhase.Pool, "limit");
        Assert.Throws<ArgumentOutOfRangeException>(() => TimeoutLimits.ThrowIfOutOfRange(-Tick, TimeoutPhase.Pool, "limit"));
    }

    [Theory]
    [InlineData(0.5, 1, 10)]
    [InlineData(0.5, 2, 15)]
    [InlineData(0.5, 3, 20)]
    [InlineData(0.0, 3, 10)]
    public void ForAttempt_lengthens_by_the_step(double step, int attempt, int seconds) =>
        Assert.Equal(TimeSpan.FromSeconds(seconds), new TimeoutOptions { ProgressiveStep = step }.ForAttempt(TimeSpan.FromSeconds(10), attempt));

    [Fact]
    public void ForAttempt_stays_within_a_day_and_leaves_infinite_and_zero_alone()
    {
        var timeouts = new TimeoutOptions { ProgressiveStep = 10 };
        Assert.Equal(TimeoutLimits.Longest, timeouts.ForAttempt(TimeSpan.FromHours(20), 2));
        Assert.Equal(Timeout.InfiniteTimeSpan, timeouts.ForAttempt(Timeout.InfiniteTimeSpan, 2));
        Assert.Equal(TimeSpan.Zero, timeouts.ForAttempt(TimeSpan.Zero, 2));
    }
}
