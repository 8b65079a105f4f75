namespace Resilience.Polly.Tests.Bulkheads;

/// <summary>Callers whose token is their deadline, and callers who leave for reasons of their own.</summary>
public class GivenUpTests
{
    [Theory]
    [InlineData(AdaptivePolicy.ErrorRate)]
    [InlineData(AdaptivePolicy.Gradient)]
    public async Task Attempt_that_is_given_up_after_more_than_twice_the_usual_time_is_a_failure(AdaptivePolicy policy)
    {
        await using var app = App(policy);
        var before = await app.WindowAsync(20);

        var after = await app.WindowAsync(20, milliseconds: 201, givenUp: 10);

        Assert.True(after < before, $"{before} slots, then {after}");
        Assert.Contains("50 %", app.LastChange?.Reason, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(AdaptivePolicy.ErrorRate, 20)]
    [InlineData(AdaptivePolicy.ErrorRate, 99)]
    [InlineData(AdaptivePolicy.Gradient, 20)]
    [InlineData(AdaptivePolicy.Gradient, 99)]
    public async Task Attempts_that_are_given_up_within_the_usual_time_take_no_slots_away(AdaptivePolicy policy, double milliseconds)
    {
        await using var app = App(policy);
        var before = await app.WindowAsync(20);

        for (var window = 0; window < 5; window++)
        {
            Assert.Equal(before, await app.WindowAsync(20, milliseconds, givenUp: 20));
        }
    }

    [Theory]
    [InlineData(9, false)]
    [InlineData(20, true)]
    public async Task Attempts_that_are_given_up_between_once_and_twice_the_usual_time_are_failures_where_they_are_the_most(int givenUp, bool areFailures)
    {
        await using var app = App(AdaptivePolicy.ErrorRate);
        var before = await app.WindowAsync(20);

        var after = await app.WindowAsync(20, milliseconds: 150, givenUp: givenUp);

        Assert.Equal(areFailures, after < before);
    }

    [Fact]
    public async Task Limit_is_not_frozen_where_every_caller_gives_up_from_the_first_call_on()
    {
        await using var app = App(AdaptivePolicy.Gradient);

        int[] slots = [await app.WindowAsync(20, 500, givenUp: 20), await app.WindowAsync(10, 500, givenUp: 10)];

        Assert.Equal([10, 5], slots);
    }

    [Fact]
    public async Task Callers_who_leave_early_in_the_first_window_take_no_slots_away()
    {
        await using var app = App(AdaptivePolicy.ErrorRate);

        Assert.Equal(40, await app.WindowAsync(20, givenUp: 9));
    }

    [Theory]
    [InlineData(AdaptivePolicy.ErrorRate)]
    [InlineData(AdaptivePolicy.Gradient)]
    public async Task Attempts_that_the_total_timeout_ends_are_failures(AdaptivePolicy policy)
    {
        await using var app = TestPipelines.Of(o =>
        {
            (o.Retry.MaxAttempts, o.CircuitBreaker.Mode) = (1, CircuitBreakerMode.Disabled);
            o.Timeout.Total = TimeSpan.FromSeconds(2);
            (o.Bulkhead.MaxConcurrency, o.Bulkhead.Adaptive.Policy) = (20, policy);
        });
        HeldCall[] held = [.. Enumerable.Range(0, 20).Select(_ => new HeldCall(app.Pipeline, heedsToken: true))];

        app.Clock.Advance(TimeSpan.FromSeconds(2));

        foreach (var call in held)
        {
            Assert.IsType<ApiTimeoutException>(await call.FailureAsync());
            call.Dispose();
        }

        Assert.Equal(10, app.Snapshot.Bulkhead.Limit);
        Assert.Contains("100 %", app.Snapshot.Bulkhead.LastLimitChange?.Reason, StringComparison.Ordinal);
    }

    private static AdaptiveApp App(AdaptivePolicy policy) => new(o => (o.MaxConcurrency, o.Adaptive.Policy, o.Adaptive.MinimumAttempts) = (20, policy, 5));
}
