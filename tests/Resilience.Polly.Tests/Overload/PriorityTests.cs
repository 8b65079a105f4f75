using Polly;

namespace Resilience.Polly.Tests.Overload;

public class PriorityTests
{
    [Fact]
    public async Task Priority_travels_with_the_call_on_every_attempt()
    {
        await using var app = TestPipelines.Of(o => (o.Retry.MaxAttempts, o.Retry.MinWait) = (2, TimeSpan.Zero));
        var context = ResilienceContextPool.Shared.Get();
        context.Properties.Set(CallProperties.Priority, CallPriority.Critical);
        var seen = new List<CallPriority>();

        await Assert.ThrowsAsync<ApiTimeoutException>(async () => await app.Pipeline.ExecuteAsync(
            c =>
            {
                seen.Add(c.Properties.GetValue(CallProperties.Priority, CallPriority.Normal));
                throw new TimeoutException();
            },
            context));

        ResilienceContextPool.Shared.Return(context);
        Assert.Equal([CallPriority.Critical, CallPriority.Critical], seen);
    }

    [Fact]
    public void Normal_is_the_default_value() => Assert.Equal(CallPriority.Normal, default);
}
