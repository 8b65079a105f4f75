using System.Net.Sockets;

namespace Resilience.Polly.Tests.Guide;

public class ProductRecommendationsTests
{
    private static readonly string[] Popular = ["Popular Product 1", "Popular Product 2", "Popular Product 3"];

    private bool _isDown;

    [Fact]
    public async Task GetProductRecommendations_answer_then_failures_then_the_fallback_while_the_circuit_is_open()
    {
        await using var app = TestPipelines.Of(options => (options.Retry.MaxAttempts, options.CircuitBreaker.FailureThreshold) = (1, 2));
        var shop = new ProductRecommendations(app.Pipeline, AskAsync);

        Assert.Equal(["for ann"], await shop.GetProductRecommendationsAsync("ann"));

        // Not open yet: the failure itself reaches the caller.
        _isDown = true;
        await Assert.ThrowsAsync<ApiConnectionException>(async () => await shop.GetProductRecommendationsAsync("ann"));
        await Assert.ThrowsAsync<ApiConnectionException>(async () => await shop.GetProductRecommendationsAsync("ann"));

        Assert.Equal(Popular, await shop.GetProductRecommendationsAsync("ann"));
        Assert.Equal((1L, 1L), (app.Snapshot.Calls.CircuitOpen, app.Snapshot.Calls.Degraded));

        _isDown = false;
        app.Clock.Advance(TimeSpan.FromSeconds(30));
        Assert.Equal(["for ann"], await shop.GetProductRecommendationsAsync("ann"));
    }

    [Fact]
    public async Task GetOrCached_saturated_bulkhead_gives_what_is_cached()
    {
        await using var app = TestPipelines.Of(options => (options.Bulkhead.MaxConcurrency, options.Bulkhead.AcquisitionTimeout) = (1, TimeSpan.Zero));
        var shop = new CachedRecommendations(app.Pipeline, AskAsync);
        using var saturating = new HeldCall(app.Pipeline);

        Assert.Equal(["Cached Product"], await shop.GetOrCachedAsync("ann"));

        await saturating.FinishAsync();
        Assert.Equal(["for ann"], await shop.GetOrCachedAsync("ann"));
        Assert.Equal((1L, 1L), (app.Snapshot.Calls.BulkheadFull, app.Snapshot.Calls.Degraded));
    }

    private Task<string[]> AskAsync(string userId, CancellationToken cancellationToken) => _isDown
        ? throw new SocketException((int)SocketError.ConnectionRefused)
        : Task.FromResult<string[]>([$"for {userId}"]);
}
