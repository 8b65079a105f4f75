using System.Net.Sockets;
using Resilience.Polly;
using Storefront;

if (Arguments.Parse(args) is not { } arguments)
{
    Console.Error.WriteLine(Arguments.Usage);
    return 2;
}

var console = Consoles.Create();
var fleet = await ServiceFleet.StartAsync();
var timeline = new Timeline(console);
var paymentsCircuit = new CircuitWitness("payments");

var builder = WebApplication.CreateBuilder(new WebApplicationOptions { ContentRootPath = AppContext.BaseDirectory });
builder.WebHost.UseUrls($"http://127.0.0.1:{arguments.Port}");
builder.Services.AddResilience(builder.Configuration.GetSection("Resilience"))
    .AddListener(new TimelineListener(timeline))
    .AddListener(paymentsCircuit);
builder.Services.AddHealthChecks().AddResilience();
builder.Services.AddResilienceProblemDetails();
builder.Services.AddShop(fleet).AddPages(fleet).AddSingleton(timeline);

await using var app = builder.Build();
app.UseExceptionHandler();
app.MapPages();
app.MapHealthChecks("/health");
app.MapResilienceDashboard("/resilience", options =>
{
    options.History = TimeSpan.FromMinutes(2); // four incidents
}); // without an authorization it answers this machine in Development only; in production write .RequireAuthorization("policy")

IReadOnlyList<string> closedDoors;
await using (timeline)
await using (fleet)
{
    try
    {
        await app.StartAsync();
    }
    catch (Exception failure) when (failure.GetBaseException() is SocketException socket)
    {
        Console.Error.WriteLine($"Port {arguments.Port} cannot be used: {socket.Message}. Give another one with --port N, or 0 for any that is free.");
        return 2;
    }

    var address = app.Urls.Single();
    console.WriteWelcome(address, arguments.Once);

    // Ctrl+C asks the host to stop.
    await app.Services.GetRequiredService<Shop>().RunAsync(arguments.Once, app.Lifetime.ApplicationStopping);
    closedDoors = arguments.Once ? await FrontDoor.TryAsync(address) : [];
}

// The services have stopped: late requests have arrived, and the books no longer change.
var books = new Books(app.Services.GetRequiredService<Shoppers>().Reports, fleet.Charges, fleet.PlacedOrders);
Visitors[] pages = [app.Services.GetRequiredService<FeedVisitors>(), app.Services.GetRequiredService<HomeVisitors>()];
console.Write(ClosingTable.Of(app.Services.GetRequiredService<IResilienceMonitor>().GetSnapshots()));
console.Write(ScenarioTable.Of(books, pages));
console.WriteDegradedParts(pages);
console.WriteClosing(books);
IReadOnlyList<string> broken =
[
    .. Verdict.Of(books),
    .. pages.SelectMany(PageVerdict.Of),
    .. closedDoors,
    .. arguments.Once ? [.. Verdict.Of(paymentsCircuit), .. pages.SelectMany(PageVerdict.OfIncident)] : Array.Empty<string>(),
];
console.WriteVerdict(broken);
return broken.Count == 0 ? 0 : 1;
