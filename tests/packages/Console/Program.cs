using Microsoft.Extensions.DependencyInjection;
using Polly;
using Polly.Registry;
using Resilience.Polly;

var services = new ServiceCollection();
services.AddResilience().AddPipeline("payments", options =>
{
    options.Retry.MaxAttempts = 3;
    options.Retry.MinWait = TimeSpan.FromMilliseconds(10);
});
await using var provider = services.BuildServiceProvider();

ResiliencePipeline payments = provider.GetRequiredService<ResiliencePipelineProvider<string>>().GetPipeline("payments");
var attempts = 0;
var receipt = await payments.ExecuteAsync(token => ++attempts < 3 ? throw new TimeoutException() : ValueTask.FromResult("paid"));

Console.WriteLine($"{receipt} after {attempts} attempts");
