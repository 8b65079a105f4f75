using Polly;

namespace Resilience.Polly.Tests.Guide;

/// <summary>The guide's "Scenario 1: E-commerce Checkout": users, payments and orders must answer, inventory and shipping may be stood in for.</summary>
internal sealed class Checkout(ResiliencePipeline critical, ResiliencePipeline standard, IShopServices services)
{
    public static void Critical(PipelineOptions options)
    {
        (options.Timeout.Connect, options.Timeout.Read) = (TimeSpan.FromSeconds(5), TimeSpan.FromSeconds(15));
        (options.Retry.MaxAttempts, options.Retry.MaxWait) = (3, TimeSpan.FromSeconds(10));
        (options.CircuitBreaker.FailureThreshold, options.CircuitBreaker.RecoveryTimeout) = (5, TimeSpan.FromSeconds(30));
        options.Bulkhead.MaxConcurrency = 30; // High priority
    }

    public static void Standard(PipelineOptions options)
    {
        (options.Timeout.Connect, options.Timeout.Read) = (TimeSpan.FromSeconds(3), TimeSpan.FromSeconds(10));
        (options.Retry.MaxAttempts, options.Retry.MaxWait) = (2, TimeSpan.FromSeconds(5));
        (options.CircuitBreaker.FailureThreshold, options.CircuitBreaker.RecoveryTimeout) = (3, TimeSpan.FromSeconds(15));
        options.Bulkhead.MaxConcurrency = 10; // Lower priority
    }

    /// <exception cref="CheckoutException">The purchase could not be made, and nothing is charged.</exception>
    public async Task<CheckoutResult> ProcessCheckoutAsync(string userId, string[] cart, CancellationToken cancellationToken = default)
    {
        var warnings = new List<string>();

        // Step 1: verify the user (critical - must succeed).
        var isActive = await MustAsync(() => critical.ExecuteAsync(async token => await services.IsActiveAsync(userId, token), cancellationToken), "Authentication service unavailable - please try again later");
        if (!isActive)
        {
            throw new CheckoutException("User account inactive");
        }

        // Step 2: check inventory (standard - can degrade gracefully).
        var available = await standard.ExecuteWithFallbackAsync(
            async token => await services.ReserveAsync(cart, token),
            (_, _) =>
            {
                warnings.Add("Could not verify stock - items may be backordered");
                return new(cart); // Assume available
            },
            cancellationToken);

        // Step 3: calculate shipping (standard - can use a fallback).
        var shipping = await standard.ExecuteWithFallbackAsync(
            async token => await services.ShippingAsync(available, token),
            (_, _) =>
            {
                warnings.Add("Using standard shipping rates - actual cost may vary");
                return new(4.90m);
            },
            cancellationToken);

        // Step 4: process the payment (critical - must succeed). Step 5: create the order, or give the money back.
        var paymentId = await MustAsync(() => critical.ExecuteAsync(async token => await services.ChargeAsync(userId, (10m * available.Length) + shipping, token), cancellationToken), "Payment processing unavailable - please try again later");
        try
        {
            var orderId = await critical.ExecuteAsync(async token => await services.OrderAsync(available, paymentId, token), cancellationToken);
            return new(orderId, shipping, warnings);
        }
        catch (ApiConnectionException)
        {
            await services.RefundAsync(paymentId, CancellationToken.None);
            throw new CheckoutException("Order creation failed - payment has been refunded");
        }
    }

    private static async Task<T> MustAsync<T>(Func<ValueTask<T>> call, string message)
    {
        try
        {
            return await call();
        }
        catch (ApiConnectionException failure)
        {
            throw new CheckoutException(message, failure);
        }
    }
}

internal sealed record CheckoutResult(string OrderId, decimal ShippingCost, IReadOnlyList<string> Warnings);

internal sealed class CheckoutException(string message, Exception? inner = null) : Exception(message, inner);

public interface IShopServices
{
    Task<bool> IsActiveAsync(string userId, CancellationToken token);

    Task<string[]> ReserveAsync(string[] items, CancellationToken token);

    Task<decimal> ShippingAsync(string[] items, CancellationToken token);

    Task<string> ChargeAsync(string userId, decimal amount, CancellationToken token);

    Task<string> OrderAsync(string[] items, string paymentId, CancellationToken token);

    Task RefundAsync(string paymentId, CancellationToken token);
}
