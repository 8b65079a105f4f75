using Resilience.Polly;
using Resilience.Polly.Http;

namespace Cluster;

/// <summary>Charges through either process of the payment service.</summary>
internal sealed class PaymentsGateway(ResilientClient client, IReadOnlyList<string> addresses)
{
    private int _next;

    /// <summary>Charges an order once, however often this is called.</summary>
    /// <returns>The charge; <see langword="null"/> if nobody knows whether there is one.</returns>
    /// <exception cref="ApiCallException">No process answers, or one still works on the charge. Call again later.</exception>
    public async Task<Charge?> ChargeAsync(Order order)
    {
        try
        {
            // The id of the order is the key. It is the same from every process of the shop and on every attempt.
            return await AnywhereAsync(address => client.PostJsonAsync<Order, Charge>($"{address}/charges", order, requestId: order.Id));
        }
        catch (ApiConflictException conflict) when (!conflict.IsStillRunning())
        {
            // The payment service was killed while it charged. Whether it did is unknown, unless the ledger has the charge.
            return await FindAsync(order.Id);
        }
    }

    private async Task<Charge?> FindAsync(string orderId)
    {
        try
        {
            return await AnywhereAsync(address => client.GetJsonAsync<Charge>($"{address}/charges/{orderId}"));
        }
        catch (NotFoundException)
        {
            return null; // not proof of anything: a process that only seemed dead may charge later
        }
    }

    // Both processes know the same keys, so one of them is as good as the other.
    private async Task<Charge?> AnywhereAsync(Func<string, Task<Charge?>> call)
    {
        var first = Interlocked.Increment(ref _next);
        for (var tried = 1; ; tried++)
        {
            try
            {
                return await call(addresses[(int)((uint)(first + tried) % addresses.Count)]);
            }
            catch (ApiConnectionException) when (tried < addresses.Count)
            {
            }
        }
    }
}
