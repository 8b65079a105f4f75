using Microsoft.Extensions.DependencyInjection;

namespace Resilience.Polly.Tests.Bulkheads;

/// <summary>The limit changes while calls are inside and in line.</summary>
public sealed class BulkheadLimitTests : IAsyncDisposable
{
    private readonly LiveJson _live = new(Content(3));
    private readonly TestPipelines _app;

    public BulkheadLimitTests() => _app = new TestPipelines(services => services.AddResilience(_live.Section));

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    [Fact]
    public async Task Reload_lower_limit_takes_effect_as_calls_leave()
    {
        var inside = Enumerable.Range(0, 3).Select(_ => _app.Start()).ToList();
        _live.Change(Content(1));
        Assert.Equal(1, _app.Snapshot.Bulkhead.Limit);
        Assert.Equal(3, _app.Snapshot.Bulkhead.Utilization);
        using var waiter = _app.Start();

        await inside[0].FinishAsync();
        _app.AssertSlots(inUse: 2, waiting: 1, peak: 3);
        await inside[1].FinishAsync();
        _app.AssertSlots(inUse: 1, waiting: 1, peak: 3);
        Assert.Equal(0, waiter.Attempts);

        await inside[2].FinishAsync();
        await waiter.AttemptStartedAsync();
        _app.AssertSlots(inUse: 1, waiting: 0, peak: 3);
    }

    [Fact]
    public async Task Reload_lower_limit_with_free_slots_lets_no_more_in_than_the_new_limit()
    {
        using var first = _app.Start();
        _live.Change(Content(2));
        using var second = _app.Start();
        using var third = _app.Start();
        Assert.Equal((1, 0), (second.Attempts, third.Attempts));
        await first.FinishAsync();
        await third.AttemptStartedAsync();
    }

    [Fact]
    public async Task Reload_higher_limit_admits_waiters_at_once_and_in_order()
    {
        var calls = Enumerable.Range(0, 7).Select(_ => _app.Start()).ToList();
        _app.AssertSlots(inUse: 3, waiting: 4, peak: 3);

        _live.Change(Content(5));
        _app.AssertSlots(inUse: 5, waiting: 2, peak: 5);
        await calls[3].AttemptStartedAsync();
        await calls[4].AttemptStartedAsync();
        Assert.Equal((0, 0), (calls[5].Attempts, calls[6].Attempts));
    }

    [Fact]
    public async Task Reload_other_acquisition_timeout_leaves_those_in_line_the_one_that_they_came_with()
    {
        var inside = Enumerable.Range(0, 3).Select(_ => _app.Start()).ToList();
        using var patient = _app.Start();
        _live.Change(Content(3, seconds: 1));
        using var impatient = _app.Start();

        _app.Clock.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(TimeSpan.FromSeconds(1), (await impatient.AssertRejectedAsync()).Limit);
        _app.AssertSlots(inUse: 3, waiting: 1, peak: 3);
        _app.Clock.Advance(TimeSpan.FromSeconds(4));
        Assert.Equal(TimeSpan.FromSeconds(5), (await patient.AssertRejectedAsync()).Limit);
        inside.ForEach(call => call.Dispose());
    }

    private static string Content(int limit, int seconds = 5) => $$"""
        { "Pipelines": { "payments": {
            "Bulkhead": { "MaxConcurrency": {{limit}}, "AcquisitionTimeout": "00:00:0{{seconds}}" } } } }
        """;
}
