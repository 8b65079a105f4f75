using System.Net;
using System.Text.Json.Serialization;
using AotWeb;
using Polly.Registry;
using Resilience.Polly;

// Runs as native code what a web application maps: the dashboard with its page, files and stream, health checks, problem details, an idempotent endpoint.
var builder = WebApplication.CreateSlimBuilder(new WebApplicationOptions { EnvironmentName = "Development" });
builder.WebHost.UseUrls("http://127.0.0.1:0");
builder.Configuration.AddInMemoryCollection([new("Resilience:Pipelines:payments:Timeout:Total", "00:01:00"), new("Resilience:Pipelines:payments:Importance", "Critical")]);
builder.Services.ConfigureHttpJsonOptions(options => options.SerializerOptions.TypeInfoResolverChain.Insert(0, WebJson.Default));
builder.Services.AddResilience(builder.Configuration.GetSection("Resilience"));
builder.Services.AddHealthChecks().AddResilience();
builder.Services.AddResilienceProblemDetails();
builder.Services.AddIdempotency();

await using var app = builder.Build();
app.UseExceptionHandler();
app.UseIdempotency();
app.MapResilienceDashboard("/resilience");
app.MapHealthChecks("/health");
app.MapGet("/charge", static async (ResiliencePipelineProvider<string> pipelines, CancellationToken token) =>
    await pipelines.GetPipeline("payments").ExecuteAsync(async inner => await ChargeAsync(inner), token));
app.MapPost("/orders", static () => new Receipt(Guid.NewGuid().ToString())).RequireIdempotency();
await app.StartAsync();

using var browser = new HttpClient { BaseAddress = new Uri(app.Urls.Single()), Timeout = TimeSpan.FromSeconds(60) };
Check("charge", (await browser.GetStringAsync("charge")).Contains("paid", StringComparison.Ordinal));
var page = await browser.GetStringAsync("resilience");
var script = page.Split('"').First(part => part.Contains("assets/", StringComparison.Ordinal) && part.EndsWith(".js", StringComparison.Ordinal));
Check("script", (await browser.GetStringAsync(new Uri(new Uri(browser.BaseAddress, "resilience/"), script))).Length > 0);

await using (var stream = await browser.GetStreamAsync("resilience/stream"))
using (var lines = new StreamReader(stream))
{
    var frame = "";
    while (!frame.Contains("payments", StringComparison.Ordinal))
    {
        frame = await lines.ReadLineAsync() ?? throw new InvalidOperationException("the stream ended before it named a pipeline");
    }
}

using var unkeyed = await browser.PostAsync("orders", null);
Check("key", unkeyed.StatusCode == HttpStatusCode.BadRequest && (await unkeyed.Content.ReadAsStringAsync()).Contains("idempotency-key-missing", StringComparison.Ordinal));
using var forPage = new HttpRequestMessage(HttpMethod.Post, "orders") { Headers = { { "Accept", "text/html" } } };
using var unaccepted = await browser.SendAsync(forPage);
Check("problem for a caller without JSON", (await unaccepted.Content.ReadAsStringAsync()).Contains("idempotency-key-missing", StringComparison.Ordinal));
Check("replay", await OrderAsync(browser) == await OrderAsync(browser));

Check("health", await browser.GetStringAsync("health") == "Healthy");
app.Services.GetRequiredService<ICircuitBreakerControl>().Isolate("payments");
using var refused = await browser.GetAsync("charge");
Check("problem", refused.StatusCode == HttpStatusCode.ServiceUnavailable && refused.Content.Headers.ContentType?.MediaType == "application/problem+json");
Console.WriteLine($"as native code: dashboard of {page.Length} characters, {app.Services.GetRequiredService<IResilienceMonitor>().GetSnapshot("payments")}");

static async Task<string> OrderAsync(HttpClient browser)
{
    using var request = new HttpRequestMessage(HttpMethod.Post, "orders") { Headers = { { "Idempotency-Key", "\"k\"" } } };
    using var response = await browser.SendAsync(request);
    return await response.EnsureSuccessStatusCode().Content.ReadAsStringAsync();
}

static async Task<Receipt> ChargeAsync(CancellationToken cancellationToken)
{
    await Task.Delay(1, cancellationToken);
    return new("paid");
}

static void Check(string what, bool holds)
{
    if (!holds)
    {
        throw new InvalidOperationException($"native code: {what} does not hold");
    }
}

namespace AotWeb
{
    internal sealed record Receipt(string Text);

    [JsonSerializable(typeof(Receipt))]
    internal sealed partial class WebJson : JsonSerializerContext;
}
