using Polly.Registry;
using Resilience.Polly;

var builder = WebApplication.CreateBuilder(args);
builder.Host.UseDefaultServiceProvider(options => options.ValidateOnBuild = options.ValidateScopes = true);
builder.WebHost.UseUrls("http://127.0.0.1:0");

builder.Services.AddResilience(builder.Configuration.GetSection("Resilience"));
builder.Services.AddProblemDetails();
builder.Services.AddResilienceProblemDetails();
builder.Services.AddIdempotency();

var app = builder.Build();
app.UseExceptionHandler();
app.UseIdempotency();
app.MapResilienceDashboard("/resilience");
app.MapPost("/orders", () => Guid.NewGuid()).RequireIdempotency();
app.MapGet("/pay", async (ResiliencePipelineProvider<string> pipelines) =>
    await pipelines.GetPipeline("payments").ExecuteAsync<string>(_ => throw new TimeoutException()));

await app.StartAsync();
using var client = new HttpClient { BaseAddress = new Uri(app.Urls.Single()) };
Console.WriteLine($"pay: {(int)(await client.GetAsync("/pay")).StatusCode}");
Console.WriteLine($"dashboard: {(int)(await client.GetAsync("/resilience/")).StatusCode}");
await app.StopAsync();
