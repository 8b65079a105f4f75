using Microsoft.Extensions.DependencyInjection;
using Polly;

namespace Resilience.Polly.Tests;

public class FirstTests
{
    [Fact]
    public async Task Works()
    {
        await using var app = TestPipelines.Of(o => { o.Retry.Jitter = false; });
        var n = 0;
        var task = app.Pipeline.ExecuteAsync(async ct => { await Task.Yield(); if (n++ < 2) throw new TimeoutException(); return n; }).AsTask();
        while (!task.IsCompleted) { app.Clock.Advance(TimeSpan.FromSeconds(0.1)); await Task.Yield(); }
        Assert.Equal(3, await task);
        Assert.Equal("payments: bulkhead 20 (5 s) > circuit 5/30 s > retry 3 (1-60 s) > timeout 30 s", app.Snapshot.ToString());
        Assert.Equal(2, app.Snapshot.Calls.Retries);
    }

    [Fact]
    public async Task Sync()
    {
        await using var app = TestPipelines.Of(o => { o.Retry.Jitter = false; o.Retry.MinWait = TimeSpan.FromMilliseconds(50); }, TimeProvider.System);
        var n = 0;
        Assert.Equal(3, app.Pipeline.Execute(() => { if (n++ < 2) throw new TimeoutException(); return n; }));
        var p = app.Services.GetRequiredKeyedService<ResiliencePipeline>("payments");
        Assert.Same(p, app.Pipeline);
        var e = await Assert.ThrowsAsync<ServiceUnavailableException>(async () => await p.ExecuteAsync(async ct => throw new HttpRequestException(null, null, System.Net.HttpStatusCode.BadGateway)));
        Assert.Equal(3, e.Attempts);
        Console.WriteLine(e.Message);
    }
}
