using System.Diagnostics;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Resilience.Polly.Tests.Queues;

/// <summary>In a real host, with the clock of the machine.</summary>
public class QueueHostTests
{
    [Fact]
    public async Task Host_works_on_the_queue_from_its_start_to_its_stop()
    {
        using var host = Build(o => { });
        var queue = host.Services.GetRequiredKeyedService<RequestQueue>("mail");
        var early = queue.ExecuteAsync(_ => new ValueTask<int>(1));
        await host.StartAsync();
        Assert.Equal(1, await early.WaitAsync(HeldCall.Patience));
        var slow = queue.ExecuteAsync(async token => { await Task.Delay(100, token); return 2; });
        var next = Enumerable.Range(0, 20).Select(i => queue.ExecuteAsync(_ => new ValueTask<int>(i))).ToList();

        await host.StopAsync();

        Assert.Equal(2, await slow);
        Assert.Equal(Enumerable.Range(0, 20), await Task.WhenAll(next));
        await Assert.ThrowsAsync<QueueShutdownException>(() => queue.ExecuteAsync(_ => default));
        Assert.Equal((22, 22, 1), (queue.GetSnapshot().Accepted, queue.GetSnapshot().Completed, queue.GetSnapshot().Rejected));
    }

    [Fact]
    public async Task Host_that_runs_out_of_patience_gets_the_rest_handed_back_in_time()
    {
        using var host = Build(o => o.ShutdownTimeout = TimeSpan.FromMilliseconds(300));
        await host.StartAsync();
        var queue = host.Services.GetRequiredKeyedService<RequestQueue>("mail");
        var never = new TaskCompletionSource();
        var begun = Enumerable.Range(0, 4).Select(_ => queue.ExecuteAsync(_ => new ValueTask(never.Task))).ToList(); // heeds no token
        var waiting = Enumerable.Range(0, 10).Select(_ => queue.ExecuteAsync(_ => default)).ToList();
        await QueueApp.WaitAsync(() => queue.GetSnapshot().Running == 4, () => queue.GetSnapshot().ToString());

        var watch = Stopwatch.StartNew();
        await host.StopAsync().WaitAsync(HeldCall.Patience);

        Assert.InRange(watch.Elapsed, TimeSpan.FromMilliseconds(250), TimeSpan.FromSeconds(15)); // not the 20 s of the queue
        foreach (var item in begun)
        {
            Assert.True((await Assert.ThrowsAsync<QueueShutdownException>(() => item)).WasBegun);
        }

        foreach (var item in waiting)
        {
            Assert.False((await Assert.ThrowsAsync<QueueShutdownException>(() => item)).WasBegun);
        }

        Assert.Equal((14, 14), (queue.GetSnapshot().Accepted, queue.GetSnapshot().HandedBack));
        QueueApp.AssertNothingVanished(queue.GetSnapshot());
    }

    [Fact]
    public async Task Host_that_is_told_to_stop_as_by_a_signal_drains_before_run_ends()
    {
        using var host = Build(o => { });
        var running = host.RunAsync();
        var queue = host.Services.GetRequiredKeyedService<RequestQueue>("mail");
        var items = Enumerable.Range(0, 50).Select(i => queue.ExecuteAsync(async token => { await Task.Delay(5, token); return i; })).ToList();

        host.Services.GetRequiredService<IHostApplicationLifetime>().StopApplication();
        await running.WaitAsync(HeldCall.Patience);

        Assert.Equal(Enumerable.Range(0, 50), await Task.WhenAll(items).WaitAsync(HeldCall.Patience));
        QueueApp.AssertNothingVanished(queue.GetSnapshot());
    }

    [Fact]
    public async Task Host_that_fails_to_start_loses_nothing_when_it_is_disposed()
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Services.AddHostedService<Failing>();
        builder.Services.AddResilience().AddRequestQueue("mail");
        var host = builder.Build();
        var item = host.Services.GetRequiredKeyedService<RequestQueue>("mail").ExecuteAsync(_ => default);
        await Assert.ThrowsAsync<InvalidOperationException>(() => host.StartAsync());

        host.Dispose();

        await Assert.ThrowsAsync<QueueShutdownException>(() => item.WaitAsync(HeldCall.Patience));
    }

    private static IHost Build(Action<HostOptions> configure)
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Services.Configure(configure);
        builder.Services.AddResilience().AddRequestQueue("mail");
        return builder.Build();
    }

    private sealed class Failing : IHostedService
    {
        public Task StartAsync(CancellationToken cancellationToken) => throw new InvalidOperationException("no database");

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
