using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Refit;

// A service that answers the first request with 503.
var service = WebApplication.CreateBuilder();
service.Logging.ClearProviders();
service.WebHost.UseUrls("http://127.0.0.1:0");
await using var items = service.Build();
var requests = 0;
items.MapGet("/item", () => ++requests == 1 ? Results.StatusCode(503) : Results.Json(new Item("pen")));
await items.StartAsync();

var services = new ServiceCollection();
services.AddResilience().AddPipeline("items", options => options.Retry.MinWait = TimeSpan.FromMilliseconds(10));
services.AddRefitGeneratedClient<IItems>(settings: null, httpClientName: "items")
    .ConfigureHttpClient(client => client.BaseAddress = new Uri(items.Urls.Single()))
    .AddResilience("items");
await using var provider = services.BuildServiceProvider();

var item = await provider.GetRequiredService<IItems>().GetAsync();
Console.WriteLine($"Refit: {item.Name} after {requests} requests");

public sealed record Item(string Name);

public interface IItems
{
    [Get("/item")]
    Task<Item> GetAsync();
}
