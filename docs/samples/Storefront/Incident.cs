namespace Storefront;

/// <summary>The script: what breaks when, and when it is repaired.</summary>
internal sealed class Incident(ServiceFleet fleet, Timeline timeline)
{
    private sealed record Phase(double Seconds, string Title, Action<ServiceFleet> Break);

    private static readonly Phase[] Phases =
    [
        new(2.5, "All services are healthy", _ => { }),
        new(3.5, "Inventory and shipping are down, recommendations hang, every second ad fails", services =>
        {
            services.Inventory.Faults.Set(new Fault(FaultKind.Unavailable));
            services.Shipping.Faults.Set(new Fault(FaultKind.Reset));
            services.Recommendations.Faults.Set(new Fault(FaultKind.Hang));
            services.Ads.Faults.Set(new Fault(FaultKind.Unavailable, Share: 0.5));
        }),
        new(4, "They are back. Of the home dashboard balance, notifications and market data hang, transactions and posts fail", services =>
        {
            services.Balance.Faults.Set(new Fault(FaultKind.Hang));
            services.Notifications.Faults.Set(new Fault(FaultKind.Hang));
            services.MarketData.Faults.Set(new Fault(FaultKind.Hang));
            services.Transactions.Faults.Set(new Fault(FaultKind.Unavailable));
            services.Posts.Faults.Set(new Fault(FaultKind.Reset));
        }),
        new(4, "They are back. Payments degrade: slow, some 503s, some answers lost after the charge", services => services.Payments.Faults.Set(
            Fault.Slow(share: 0.3, milliseconds: 400),
            new Fault(FaultKind.Unavailable, Share: 0.15),
            new Fault(FaultKind.AnswerLost, Share: 0.15))),
        new(5, "Payments are down: resets, hangs, 503s, lost answers, late charges", services => services.Payments.Faults.Set(
            new Fault(FaultKind.Reset, Share: 0.3),
            new Fault(FaultKind.Hang, Share: 0.1),
            Fault.Slow(share: 0.2, milliseconds: 8000), // late enough that payments are back and the refund arrives first
            new Fault(FaultKind.AnswerLost, Share: 0.1),
            new Fault(FaultKind.Unavailable))),
        new(3.5, "Payments are back", _ => { }),
        new(1.5, "Orders are down: 503s and lost answers", services => services.Orders.Faults.Set(
            new Fault(FaultKind.AnswerLost, Share: 0.3),
            new Fault(FaultKind.Unavailable))),
        new(1.5, "Orders are back, users are down", services => services.Users.Faults.Set(new Fault(FaultKind.Reset))),
        new(2, "All services are healthy again", _ => { }),
    ];

    /// <summary>Plays the script once. If it is stopped early, all services are healthy afterwards, so that work in progress can end.</summary>
    public async Task PlayAsync(CancellationToken stop)
    {
        foreach (var phase in Phases)
        {
            if (stop.IsCancellationRequested)
            {
                break;
            }

            fleet.Heal();
            phase.Break(fleet);
            timeline.Say("incident", phase.Title, "bold");
            await Task.Delay(TimeSpan.FromSeconds(phase.Seconds), stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        fleet.Heal();
    }
}
