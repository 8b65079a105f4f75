// A request queue: a burst of requests waits for a service that takes two at a time, and none is lost at shutdown.
using Resilience.Polly;

var builder = Host.CreateApplicationBuilder(args);
builder.Logging.ClearProviders();
builder.Services.AddResilience()
    .AddPipeline("mail", options => options.Bulkhead.MaxConcurrency = 2)
    .AddRequestQueue("mail", options =>
    {
        options.Capacity = 10; // requests that may wait
        options.Workers = 2;   // requests in work at once
    });
using var host = builder.Build();
await host.StartAsync(); // the workers of a queue belong to the host

var queue = host.Services.GetRequiredKeyedService<RequestQueue>("mail");
var sent = 0;

// Accepted now, done later: answer 202, and keep the ticket only if you need the result.
var tickets = new List<QueueTicket<int>>();
for (var mail = 1; mail <= 8; mail++)
{
    tickets.Add(await queue.EnqueueAsync(async token =>
    {
        await Task.Delay(20, token);
        return Interlocked.Increment(ref sent);
    }));
}

Console.WriteLine($"accepted: {queue.GetSnapshot().Accepted}");
await Task.WhenAll(tickets.Take(2).Select(ticket => ticket.Completion));

await host.StopAsync(); // goes on with what was accepted, then stops
Console.WriteLine($"sent: {sent}");
try
{
    await queue.EnqueueAsync(token => ValueTask.FromResult(0));
}
catch (QueueShutdownException)
{
    Console.WriteLine("accepts no more");
}
