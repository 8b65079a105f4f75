using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
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
var fleet = await ServiceFleet.StartAsync();
var timeline = new Timeline(console);
var paymentsCircuit = new CircuitWitness("payments");

var builder = Host.CreateApplicationBuilder(new HostApplicationBuilderSettings { ContentRootPath = AppContext.BaseDirectory });
builder.Services.AddResilience(builder.Configuration.GetSection("Resilience"))
    .AddListener(new TimelineListener(timeline))
    .AddListener(paymentsCircuit);
builder.Services.AddShop(fleet).AddSingleton(timeline);

using var host = builder.Build();
await host.StartAsync();
console.WriteLine(once ? "One incident, then the closing table." : "One incident after the other. Ctrl+C ends with the closing table.");

// Ctrl+C asks the host to stop.
var stop = host.Services.GetRequiredService<IHostApplicationLifetime>().ApplicationStopping;

IReadOnlyCollection<CheckoutReport> reports;
await using (timeline)
await using (fleet)
{
    reports = await host.Services.GetRequiredService<Shop>().RunAsync(once, stop);
}

// The services have stopped: what was late has come, and the books will not change any more.
var books = new Books(reports, fleet.Charges, fleet.PlacedOrders);
console.Write(ClosingTable.Of(host.Services.GetRequiredService<IResilienceMonitor>().GetSnapshots()));
console.WriteClosing(books);
IReadOnlyList<string> broken = [.. Verdict.Of(books), .. once ? Verdict.Of(paymentsCircuit) : []];
console.WriteVerdict(broken);
return broken.Count == 0 ? 0 : 1;
