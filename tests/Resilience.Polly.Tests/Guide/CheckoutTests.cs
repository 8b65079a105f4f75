using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.DependencyInjection;
using Moq;

namespace Resilience.Polly.Tests.Guide;

public sealed class CheckoutTests : IAsyncDisposable
{
    private static readonly string[] Cart = ["book", "lamp"];

    private readonly Mock<IShopServices> _services = new();
    private readonly TestPipelines _app = new(services => services.AddResilience()
        .AddPipeline("critical", options =>
        {
            Checkout.Critical(options);
            options.Retry.MinWait = TimeSpan.Zero; // the clock stands still here
        })
        .AddPipeline("standard", options =>
        {
            Checkout.Standard(options);
            options.Retry.MinWait = TimeSpan.Zero;
        }));

    private readonly Checkout _checkout;

    public CheckoutTests()
    {
        _services.Setup(s => s.IsActiveAsync("ann", It.IsAny<CancellationToken>())).ReturnsAsync(true);
        _services.Setup(s => s.ReserveAsync(Cart, It.IsAny<CancellationToken>())).ReturnsAsync(Cart);
        _services.Setup(s => s.ShippingAsync(Cart, It.IsAny<CancellationToken>())).ReturnsAsync(7.50m);
        _services.Setup(s => s.ChargeAsync("ann", It.IsAny<decimal>(), It.IsAny<CancellationToken>())).ReturnsAsync("payment-1");
        _services.Setup(s => s.OrderAsync(Cart, "payment-1", It.IsAny<CancellationToken>())).ReturnsAsync("order-1");
        _checkout = new(_app.Provider.GetPipeline("critical"), _app.Provider.GetPipeline("standard"), _services.Object);
    }

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    [Fact]
    public async Task All_services_answer_the_order_is_made()
    {
        var result = await _checkout.ProcessCheckoutAsync("ann", Cart);

        Assert.Equal(("order-1", 7.50m), (result.OrderId, result.ShippingCost));
        Assert.Empty(result.Warnings);
        _services.Verify(s => s.ChargeAsync("ann", 27.50m, It.IsAny<CancellationToken>()), Times.Once);
    }

    [Fact]
    public async Task Inventory_and_shipping_are_down_the_order_is_made_with_warnings()
    {
        _services.Setup(s => s.ReserveAsync(Cart, It.IsAny<CancellationToken>())).ThrowsAsync(new SocketException((int)SocketError.ConnectionRefused));
        _services.Setup(s => s.ShippingAsync(Cart, It.IsAny<CancellationToken>())).ThrowsAsync(Answered(HttpStatusCode.ServiceUnavailable));

        var result = await _checkout.ProcessCheckoutAsync("ann", Cart);

        Assert.Equal("order-1", result.OrderId);
        Assert.Equal(["Could not verify stock - items may be backordered", "Using standard shipping rates - actual cost may vary"], result.Warnings);
        Assert.Equal(2, _app.Monitor.GetSnapshot("standard").Calls.Degraded);
        _services.Verify(s => s.ReserveAsync(Cart, It.IsAny<CancellationToken>()), Times.Exactly(2)); // retried first
    }

    [Fact]
    public async Task Payments_are_down_the_purchase_is_refused_after_three_attempts()
    {
        _services.Setup(s => s.ChargeAsync("ann", It.IsAny<decimal>(), It.IsAny<CancellationToken>())).ThrowsAsync(new SocketException((int)SocketError.ConnectionRefused));

        var refused = await Assert.ThrowsAsync<CheckoutException>(() => _checkout.ProcessCheckoutAsync("ann", Cart));

        Assert.Equal("Payment processing unavailable - please try again later", refused.Message);
        _services.Verify(s => s.ChargeAsync("ann", It.IsAny<decimal>(), It.IsAny<CancellationToken>()), Times.Exactly(3));
        _services.Verify(s => s.OrderAsync(It.IsAny<string[]>(), It.IsAny<string>(), It.IsAny<CancellationToken>()), Times.Never);
    }

    [Fact]
    public async Task Orders_are_down_the_payment_is_refunded()
    {
        _services.Setup(s => s.OrderAsync(Cart, "payment-1", It.IsAny<CancellationToken>())).ThrowsAsync(Answered(HttpStatusCode.BadGateway));

        var refused = await Assert.ThrowsAsync<CheckoutException>(() => _checkout.ProcessCheckoutAsync("ann", Cart));

        Assert.Equal("Order creation failed - payment has been refunded", refused.Message);
        _services.Verify(s => s.RefundAsync("payment-1", It.IsAny<CancellationToken>()), Times.Once);
    }

    [Fact]
    public async Task Users_are_down_or_the_account_is_inactive_the_purchase_is_refused_before_anything_is_charged()
    {
        _services.Setup(s => s.IsActiveAsync("bob", It.IsAny<CancellationToken>())).ReturnsAsync(false);
        Assert.Equal("User account inactive", (await Assert.ThrowsAsync<CheckoutException>(() => _checkout.ProcessCheckoutAsync("bob", Cart))).Message);

        _services.Setup(s => s.IsActiveAsync("ann", It.IsAny<CancellationToken>())).ThrowsAsync(new SocketException((int)SocketError.ConnectionRefused));
        Assert.Equal(
            "Authentication service unavailable - please try again later",
            (await Assert.ThrowsAsync<CheckoutException>(() => _checkout.ProcessCheckoutAsync("ann", Cart))).Message);
        _services.Verify(s => s.ChargeAsync(It.IsAny<string>(), It.IsAny<decimal>(), It.IsAny<CancellationToken>()), Times.Never);
    }

    private static HttpRequestException Answered(HttpStatusCode status) => new("answered", null, status);
}
