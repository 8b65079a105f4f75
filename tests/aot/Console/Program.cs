using System.Net.Sockets;
using System.Text.Json.Serialization;
using AotConsole;
using Microsoft.Extensions.DependencyInjection;
using Polly;
using Polly.Registry;
using Resilience.Polly;
using Resilience.Polly.Http;

// Runs as native code what an application calls: pipelines with all steps on, fallbacks, scatter-gather, a queue, HTTP with JSON.
using var bank = new Bank();
var services = new ServiceCollection();
services.AddResilience()
    .AddPipeline("payments", options =>
    {
        options.BaseAddress = bank.Address;
        options.Timeout.Total = TimeSpan.FromMinutes(1);
        options.Timeout.Attempt = TimeSpan.FromSeconds(20);
        options.Retry.MinWait = TimeSpan.FromMilliseconds(1);
        (options.Chaos.Enabled, options.Chaos.AllowInProduction) = (true, true); // injects nothing, and is passed through
    })
    .AddRequestQueue("orders", options => options.Pipeline = "payments");
services.AddResilientClient("payments");
services.AddHttpClient("plain").AddResilience("payments");
await using var provider = services.BuildServiceProvider();

var pipelines = provider.GetRequiredService<ResiliencePipelineProvider<string>>();
var payments = pipelines.GetPipeline("payments");
var attempts = 0;
Check.That("delegate", await payments.ExecuteAsync(async (state, token) => ++attempts < 2 ? throw new TimeoutException() : await Echo.AsyncOf(state, token), 42) == 42);
Check.That("struct state", await payments.ExecuteAsync(static ((int A, string B) state, CancellationToken token) => Echo.AsyncOf(state.A, token), (A: 7, B: "")) == 7);
Check.That("typed", await pipelines.GetPipeline<string>("payments").ExecuteAsync(async token => await Echo.AsyncOf("typed", token)) == "typed");
Check.That("synchronous", payments.Execute(static () => 5L) == 5);
await payments.ExecuteAsync(async token => await Echo.AsyncOf(0, token));
Check.That("fallback", await payments.ExecuteWithFallbackAsync<int>(_ => throw new SocketException((int)SocketError.ConnectionRefused), 3) == 3);

var gather = new ScatterGather();
var part = gather.Add("part", payments, async token => await Echo.AsyncOf(8.5, token));
var broken = gather.Add("broken", payments, _ => throw new InvalidOperationException(), (Id: 1, Name: "instead"));
await gather.RunAsync(TimeSpan.FromSeconds(30));
Check.That("scatter-gather", part.Value == 8.5 && broken.Value.Id == 1 && gather.Degraded is ["broken"]);

var client = provider.GetRequiredKeyedService<ResilientClient>("payments");
var receipt = await client.PostJsonAsync("charges", new Order(5), AotJson.Default.Order, AotJson.Default.Receipt, requestId: "order-5");
Check.That("JSON over HTTP, after a 503", receipt?.Text == "paid" && bank.Requests == 2);

using var plain = provider.GetRequiredService<IHttpClientFactory>().CreateClient("plain");
using var answer = await plain.GetAsync(new Uri(bank.Address, "charges"));
Check.That("plain HttpClient", answer.IsSuccessStatusCode);

var snapshot = provider.GetRequiredService<IResilienceMonitor>().GetSnapshot("payments");
Check.That("snapshot", snapshot.Lifetime is { Succeeded: >= 6, Degraded: 1 });
Console.WriteLine($"as native code: {snapshot}");

namespace AotConsole
{
    internal sealed record Order(int Id);

    internal sealed record Receipt(string Text);

    [JsonSourceGenerationOptions(PropertyNameCaseInsensitive = true)]
    [JsonSerializable(typeof(Order))]
    [JsonSerializable(typeof(Receipt))]
    internal sealed partial class AotJson : JsonSerializerContext;
}
