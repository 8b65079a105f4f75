namespace Storefront;

/// <summary>Runs the shop until the end: shoppers, visitors of its pages, compensations and the incident.</summary>
internal sealed class Shop(
    Shoppers shoppers, FeedVisitors feed, HomeVisitors home, Refunds refunds, Cancellations cancellations, Incident incident, Timeline timeline)
{
    /// <summary>Ends once all of it has ended.</summary>
    public async Task RunAsync(bool once, CancellationToken stop)
    {
        using var closing = new CancellationTokenSource();
        var shopping = shoppers.RunAsync(closing.Token);
        var visiting = Task.WhenAll(feed.RunAsync(closing.Token), home.RunAsync(closing.Token));
        var compensating = Task.WhenAll(refunds.RunAsync(), cancellations.RunAsync());

        do
        {
            await incident.PlayAsync(stop);
        }
        while (!once && !stop.IsCancellationRequested);

        timeline.Say("shop", "closes: finishes its checkouts, carries out the refunds, waits for late requests", "bold");

        // In this order, since the last checkouts may still need a refund.
        await closing.CancelAsync();
        await shopping;
        refunds.Complete();
        cancellations.Complete();
        await compensating;
        await visiting;
    }
}
