// One instance of an application in a process of its own. Tests start it, drive it over HTTP, and kill it.
// Its effects and its dependency are in the process of the tests: see Backend.cs there.
using System.Collections.Concurrent;
using System.Diagnostics;
using Polly.Registry;
using Resilience.Polly;

const string Pipeline = "backend";

new Thread(() =>
{
    // The tests hold the other end of this pipe, so the process ends with theirs.
    using var parent = Console.OpenStandardInput();
    while (parent.ReadByte() >= 0)
    {
    }

    Environment.Exit(0);
})
{ IsBackground = true }.Start();

var builder = WebApplication.CreateSlimBuilder(args);
var (settings, moves) = (builder.Configuration, new Moves());
var name = settings["Redis:InstanceName"]!;
using var backend = new HttpClient(new SocketsHttpHandler()) { BaseAddress = new(settings["Backend"]!), Timeout = TimeSpan.FromMinutes(2) };
builder.Logging.ClearProviders();
builder.WebHost.UseUrls("http://127.0.0.1:0");
builder.Services.AddIdempotency(options => settings.GetSection("Idempotency").Bind(options));
builder.Services.AddResilience(settings.GetSection("Resilience"))
    .AddRedis(settings["Server"]!, options => settings.GetSection("Redis").Bind(options))
    .AddPipeline(Pipeline)
    .AddListener(moves);

var app = builder.Build();
app.UseIdempotency();

// The effect is the number that the backend counts up.
app.MapPost("/orders", async (HttpContext context) =>
{
    using var reader = new StreamReader(context.Request.Body);
    var order = await reader.ReadToEndAsync(CancellationToken.None);
    using var response = await backend.PostAsync(new Uri($"/orders?by={name}&order={Uri.EscapeDataString(order)}", UriKind.Relative), null, CancellationToken.None);
    response.EnsureSuccessStatusCode();
    var number = await response.Content.ReadAsStringAsync(CancellationToken.None);
    return Results.Created($"/orders/{number}", new { number, order, by = name, id = Guid.NewGuid() });
}).RequireIdempotency();

app.MapPost("/calls", async (ResiliencePipelineProvider<string> pipelines) =>
{
    try
    {
        await pipelines.GetPipeline(Pipeline).ExecuteAsync(async token =>
        {
            using var response = await backend.PostAsync(new Uri($"/calls?by={name}", UriKind.Relative), null, token);
            response.EnsureSuccessStatusCode();
        });
        return "done";
    }
    catch (ApiCallException exception)
    {
        return exception.GetType().Name;
    }
});

app.MapGet("/state", (IResilienceMonitor monitor) =>
{
    var (snapshot, shared) = (monitor.GetSnapshot(Pipeline), monitor.GetSharedState()!);
    return new
    {
        circuit = snapshot.CircuitBreaker.State.ToString(),
        shared = snapshot.CircuitBreaker.Shared?.State.ToString(),
        epoch = snapshot.CircuitBreaker.Shared?.Epoch ?? 0,
        isAlone = snapshot.CircuitBreaker.Shared?.IsAlone ?? snapshot.Bulkhead.Shared?.IsAlone ?? false,
        slots = snapshot.Bulkhead.Shared?.ByInstance ?? new Dictionary<string, int>(),
        shared.IsAvailable,
        shared.Instances,
    };
});

app.MapGet("/moves", () => moves.All);

await app.StartAsync();
_ = app.Services.GetRequiredService<ResiliencePipelineProvider<string>>().GetPipeline(Pipeline);
Console.WriteLine(app.Urls.Single());
await app.WaitForShutdownAsync();

/// <summary>What the circuit did, with the timestamps of this machine's monotonic clock.</summary>
internal sealed class Moves : IResilienceListener
{
    public ConcurrentQueue<object> All { get; } = [];

    public void OnEvent(PipelineEvent e)
    {
        if (e is CircuitStateChangedEvent move)
        {
            All.Enqueue(new { to = move.To.ToString(), by = move.Instance, at = Stopwatch.GetTimestamp() });
        }
    }
}
