using Polly.Registry;
using Resilience.Polly;

var builder = WebApplication.CreateBuilder(args);
builder.Host.UseDefaultServiceProvider(options => options.ValidateOnBuild = options.ValidateScopes = true);
builder.WebHost.UseUrls("http://127.0.0.1:0");

builder.Services.AddResilience(builder.Configuration.GetSection("Resilience"))
    .AddRedis(builder.Configuration.GetConnectionString("redis")!, options => options.KeyPrefix = "shop");

var app = builder.Build();
app.MapGet("/pay", async (ResiliencePipelineProvider<string> pipelines) =>
    await pipelines.GetPipeline("payments").ExecuteAsync(_ => ValueTask.FromResult("paid")));

// There is no server at this address: the application starts and works all the same.
await app.StartAsync();
using var client = new HttpClient { BaseAddress = new Uri(app.Urls.Single()) };
Console.WriteLine(await client.GetStringAsync("/pay"));
var redis = app.Services.GetRequiredService<ISharedStateConnection>();
Console.WriteLine($"{redis.Name}: {(redis.IsAvailable ? "shared" : "each instance alone")}");
await app.StopAsync();
