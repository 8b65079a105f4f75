using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Polly.Registry;
using Resilience.Polly;
using Spectre.Console;
using Storefront;

var once = args is ["--once"];
if (!once && args.Length > 0)
{
    Console.Error.WriteLine("Usage: dotnet run --project docs/samples/Storefront [-- --once]");
    return 2;
}

var console = Consoles.Create();
var timeline = new Timeline(console);
var builder = Host.CreateApplicationBuilder(new HostApplicationBuilderSettings { ContentRootPath = AppContext.BaseDirectory });
var paymentsCircuit = new CircuitWitness("payments");
builder.Services.AddResilience(builder.Configuration.GetSection("Resilience"))
    .AddListener(new TimelineListener(timeline))
    .AddListener(paymentsCircuit);

using var host = builder.Build();
await host.StartAsync();
console.WriteLine(once ? "One incident, then the closing table." : "One incident after the other. Ctrl+C ends with the closing table.");

// Ctrl+C asks the host to stop.
var stop = host.Services.GetRequiredService<IHostApplicationLifetime>().ApplicationStopping;

IReadOnlyCollection<CheckoutReport> reports;
Ledger charges, orders;
await using (timeline)
await using (var fleet = await ServiceFleet.StartAsync())
{
    (charges, orders) = (fleet.Charges, fleet.PlacedOrders);
    var shop = new Shop(host.Services.GetRequiredService<ResiliencePipelineProvider<string>>(), fleet, timeline);
    reports = await shop.RunAsync(once, stop);
}

// The services have stopped: what was late has come, and the books will not change any more.
var books = new Books(reports, charges, orders);
console.Write(ClosingTable.Of(host.Services.GetRequiredService<IResilienceMonitor>().GetSnapshots()));
console.WriteClosing(books);
IReadOnlyList<string> broken = [.. Verdict.Of(books), .. once ? Verdict.Of(paymentsCircuit) : []];
console.WriteVerdict(broken);
return broken.Count == 0 ? 0 : 1;
