using Microsoft.Extensions.DependencyInjection;

namespace Resilience.Polly.Tests.Queues;

/// <summary>
/// The guide, "Handling Bulkhead Saturation", "3. Request Queuing with Backpressure": its <c>RequestQueue(max_queue_size=100)</c>, with
/// <c>add_request</c> and <c>process_queue</c>.
/// </summary>
public class RequestQueuingChapterTests
{
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    /// <summary><c>Queue(maxsize=100)</c>, <c>wait_for(queue.put(...), timeout=1.0)</c>, <c>raise PoolTimeoutError("Request queue full - system overloaded")</c>.</summary>
    [Fact]
    public async Task Add_request_a_full_queue_is_backpressure_after_one_second()
    {
        await using var app = new QueueApp();
        var queue = app.Queue;
        for (var i = 0; i < 100; i++)
        {
            await queue.EnqueueAsync(_ => default);
        }

        var oneMore = queue.EnqueueAsync(_ => default);
        app.Clock.Advance(Second);

        await Assert.ThrowsAsync<QueueFullException>(() => oneMore);
    }

    /// <summary><c>except PoolTimeoutError: await self.queue.put(request_func); await asyncio.sleep(1.0)</c>.</summary>
    [Fact]
    public async Task Process_queue_a_request_that_found_no_slot_is_made_again_a_second_later()
    {
        await using var app = await QueueApp.StartedAsync(o => o.Workers = 1, builder => builder.AddPipeline(QueueApp.Name, options =>
        {
            options.Bulkhead.MaxConcurrency = 1;
            options.Bulkhead.AcquisitionTimeout = TimeSpan.Zero;
        }));
        var client = app.Services.GetRequiredKeyedService<global::Polly.ResiliencePipeline>(QueueApp.Name);
        using var holdsTheSlot = new HeldCall(client);
        var requests = 0;

        var request = app.Queue.ExecuteAsync(_ => { requests++; return new ValueTask<string>("answer"); });
        await QueueApp.WaitAsync(() => app.Clock.Timers > 0 && app.Now.PausedWorkers == 1, () => app.Now.ToString());
        Assert.Equal((0, 1), (requests, app.Now.Waiting));
        await holdsTheSlot.FinishAsync();
        Assert.Equal(0, requests);
        app.Clock.Advance(Second);

        Assert.Equal("answer", await request.WaitAsync(HeldCall.Patience));
        Assert.Equal((1, 1, 1L), (requests, (int)app.Now.Completed, app.Now.Requeued));
    }
}
