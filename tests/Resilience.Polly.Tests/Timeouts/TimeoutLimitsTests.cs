namespace Resilience.Polly.Tests.Timeouts;

/// <summary>What a timeout may be, for one call too, and how it grows with the attempts.</summary>
public class TimeoutLimitsTests
{
    public static TheoryData<TimeoutPhase> Phases => [.. Enum.GetValues<TimeoutPhase>()];

    public static TheoryData<TimeoutPhase> PhasesButPool => [.. Enum.GetValues<TimeoutPhase>().Where(phase => phase != TimeoutPhase.Pool)];

    [Theory]
    [MemberData(nameof(Phases))]
    public void ThrowIfOutOfRange_bounds_null_and_infinite_pass(TimeoutPhase phase)
    {
        foreach (var timeout in new TimeSpan?[] { null, TimeoutLimits.Shortest, TimeoutLimits.Longest, Timeout.InfiniteTimeSpan })
        {
            TimeoutLimits.ThrowIfOutOfRange(timeout, phase, "timeout");
        }
    }

    [Theory]
    [MemberData(nameof(Phases))]
    public void ThrowIfOutOfRange_over_a_day_or_negative_is_refused(TimeoutPhase phase)
    {
        foreach (var timeout in new[] { TimeoutLimits.Longest + TimeSpan.FromTicks(1), TimeSpan.FromTicks(-1), TimeSpan.FromSeconds(-5), TimeSpan.MaxValue })
        {
            Assert.Throws<ArgumentOutOfRangeException>("timeout", () => TimeoutLimits.ThrowIfOutOfRange(timeout, phase, "timeout"));
        }
    }

    [Theory]
    [MemberData(nameof(PhasesButPool))]
    public void ThrowIfOutOfRange_below_a_millisecond_is_refused_with_phase_and_range(TimeoutPhase phase)
    {
        var refused = Assert.Throws<ArgumentOutOfRangeException>("timeout", () => TimeoutLimits.ThrowIfOutOfRange(TimeSpan.FromTicks(9_999), phase, "timeout"));

        Assert.StartsWith($"The {phase.ToString().ToLowerInvariant()} timeout is out of range, allowed is 00:00:00.0010000 to 1.00:00:00.", refused.Message);
    }

    [Fact]
    public void ThrowIfOutOfRange_a_pool_timeout_may_be_zero()
    {
        TimeoutLimits.ThrowIfOutOfRange(TimeSpan.Zero, TimeoutPhase.Pool, "timeout");
        TimeoutLimits.ThrowIfOutOfRange(TimeSpan.FromTicks(1), TimeoutPhase.Pool, "timeout");
    }

    [Fact]
    public async Task Pool_zero_is_accepted_from_configuration_and_code()
    {
        await using var configured = TestPipelines.FromJson("""{ "Pipelines": { "payments": { "Timeout": { "Pool": "00:00:00" } } } }""");
        await using var coded = TestPipelines.Of(o => o.Timeout.Pool = TimeSpan.Zero);

        Assert.Equal(TimeSpan.Zero, configured.Snapshot.Options.Timeout.Pool);
        Assert.Equal(TimeSpan.Zero, coded.Snapshot.Options.Timeout.Pool);
    }

    [Theory]
    [InlineData(0.0, 5, 10)]
    [InlineData(0.5, 1, 10)]
    [InlineData(0.5, 2, 15)]
    [InlineData(0.5, 3, 20)]
    [InlineData(10.0, 100, 9910)]
    public void ForAttempt_lengthens_by_the_step(double step, int attempt, int seconds)
    {
        var options = new TimeoutOptions { ProgressiveStep = step };

        Assert.Equal(TimeSpan.FromSeconds(seconds), options.ForAttempt(TimeSpan.FromSeconds(10), attempt));
    }

    [Fact]
    public void ForAttempt_ends_at_a_day() =>
        Assert.Equal(TimeSpan.FromDays(1), new TimeoutOptions { ProgressiveStep = 10 }.ForAttempt(TimeSpan.FromHours(23), 2));

    [Fact]
    public void ForAttempt_infinite_stays_infinite() =>
        Assert.Equal(Timeout.InfiniteTimeSpan, new TimeoutOptions { ProgressiveStep = 0.5 }.ForAttempt(Timeout.InfiniteTimeSpan, 3));

    [Fact]
    public void ForAttempt_zero_stays_zero() =>
        Assert.Equal(TimeSpan.Zero, new TimeoutOptions { ProgressiveStep = 0.5 }.ForAttempt(TimeSpan.Zero, 3));
}
