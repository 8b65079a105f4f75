using Resilience.Polly;
using Resilience.Polly.Http;

var address = args.FirstOrDefault() ?? "http://127.0.0.1:5080";
var builder = WebApplication.CreateBuilder();

// A client named "stock", with its own limits. What is left out has its default.
builder.Services.AddResilientClient("stock", options =>
{
    options.BaseAddress = new Uri(address);                           // here this program plays the stock service too
    options.Timeout.Read = TimeSpan.FromSeconds(5);                   // wait 5 s for data
    options.Timeout.Connect = TimeSpan.FromSeconds(2);                // and 2 s for a connection
    options.Retry.MinWait = TimeSpan.FromMilliseconds(100);           // 3 attempts; wait 100-200 ms before the second one
    options.CircuitBreaker.FailureThreshold = 3;                      // after 3 failed calls in a row, send no more
    options.CircuitBreaker.RecoveryTimeout = TimeSpan.FromSeconds(5); // for 5 s, then try one call
    options.Bulkhead.MaxConcurrency = 50;                             // at most 50 calls at once; the default is 20
    options.Bulkhead.AcquisitionTimeout = TimeSpan.FromSeconds(1);    // a call waits at most 1 s for its turn; the default is 5 s
});

var app = builder.Build();

// Your own API. It answers whatever happens to the stock service.
app.MapGet("/products/{id}", async (string id, [FromKeyedServices("stock")] ResilientClient stock, CancellationToken ct) =>
{
    try
    {
        return await stock.GetJsonAsync<Stock>($"stock/{id}", cancellationToken: ct);
    }
    catch (ApiConnectionException failure) // down, too slow, circuit open, or no free slot: the fallback
    {
        return new Stock(id, Count: null, Note: failure.GetType().Name);
    }
});

// The stock service. It fails each second request, and every request for "broken".
var requests = 0;
app.MapGet("/stock/{id}", (string id) => id == "broken" || Interlocked.Increment(ref requests) % 2 == 1
    ? Results.StatusCode(503)
    : Results.Ok(new Stock(id, Count: 7, Note: null)));

app.MapResilienceDashboard("/resilience"); // without an authorization it answers in Development only
app.Run(address);

internal sealed record Stock(string Id, int? Count, string? Note);
