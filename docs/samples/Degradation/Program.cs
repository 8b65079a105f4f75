// Degradation: a fallback for one call, and many calls by one deadline.
using Microsoft.Extensions.DependencyInjection;
using Polly;
using Resilience.Polly;

await using var pipelines = ResiliencePipelines.Create(resilience => resilience
    .AddPipeline("prices", options => options.Retry.MaxAttempts = 1)
    .AddPipeline("reviews"));
ResiliencePipeline prices = pipelines.GetPipeline("prices");
ResiliencePipeline reviews = pipelines.GetPipeline("reviews");

// One call. The service is down, so the fallback answers.
decimal price = await prices.ExecuteWithFallbackAsync(async token => await GetPriceAsync(token), fallbackValue: 9.90m);
Console.WriteLine(FormattableString.Invariant($"price: {price}"));

// A page of three parts. One hangs, one is down and has nothing in its place.
var gather = new ScatterGather();
var title = gather.Add("title", token => new ValueTask<string>("A lamp"));
var stars = gather.Add("stars", reviews, async token => await GetStarsAsync(token), "no reviews yet");
var today = gather.Add("price of today", prices, async token => await GetPriceAsync(token));
await gather.RunAsync(TimeSpan.FromSeconds(2));

Console.WriteLine($"title: {title.Value}");
Console.WriteLine($"stars: {stars.Value}");
Console.WriteLine($"price of today: {(today.HasValue ? "known" : "unknown")}");
Console.WriteLine($"degraded: {string.Join(", ", gather.Degraded)}");

// This service is down.
static Task<decimal> GetPriceAsync(CancellationToken token) => throw new HttpRequestException(HttpRequestError.ConnectionError);

// This one hangs.
static async Task<string> GetStarsAsync(CancellationToken token)
{
    await Task.Delay(Timeout.Infinite, token);
    return "five stars";
}
