using System.Net.Http.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Resilience.Polly;
using Resilience.Polly.Http;

// A service that answers the first request with 503.
var service = WebApplication.CreateBuilder();
service.Logging.ClearProviders();
service.WebHost.UseUrls("http://127.0.0.1:0");
await using var catalog = service.Build();
var requests = 0;
catalog.MapGet("/items/{id}", (int id) => ++requests == 1 ? Results.StatusCode(503) : Results.Json(new Item(id, "pen")));
await catalog.StartAsync();

var services = new ServiceCollection();
services.AddResilience().AddPipeline("catalog", options =>
{
    options.BaseAddress = new Uri(catalog.Urls.Single());
    options.Retry.MinWait = TimeSpan.FromMilliseconds(10);
});
services.AddHttpClient<CatalogApi>(http => http.BaseAddress = new Uri(catalog.Urls.Single())).AddResilience("catalog");
services.AddResilientClient("catalog");
await using var provider = services.BuildServiceProvider();

var item = await provider.GetRequiredService<CatalogApi>().GetAsync(7);
Console.WriteLine($"typed client: {item?.Name} after {requests} requests");

requests = 0;
var client = provider.GetRequiredKeyedService<ResilientClient>("catalog");
Console.WriteLine($"resilient client: {(await client.GetJsonAsync<Item>("/items/7"))?.Name} after {requests} requests");

internal sealed record Item(int Id, string Name);

internal sealed class CatalogApi(HttpClient http)
{
    public Task<Item?> GetAsync(int id) => http.GetFromJsonAsync<Item>($"/items/{id}");
}
