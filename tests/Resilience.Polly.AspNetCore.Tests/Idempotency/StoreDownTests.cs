using System.Diagnostics;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Resilience.Polly.AspNetCore.Tests;

/// <summary>A store that fails, hangs or comes back.</summary>
public class StoreDownTests
{
    [Fact]
    public async Task Reject_answers_503_with_a_time_to_retry_and_executes_nothing()
    {
        var count = 0;
        var store = new TestStore();
        await using var app = await StartAsync(store, () => ++count, options => options.OnStoreUnavailable = StoreUnavailableAction.Reject);
        store.Break();

        var answer = await app.PostAsync("k");

        Assert.Equal((503, "idempotency-store-unavailable", "1", 0), (answer.Status, answer.Code, answer["Retry-After"], count));
        Assert.Equal(LogLevel.Warning, app.Log.Events[30]);
        store.Mend();
        Assert.Equal("1", (await app.PostAsync("k")).Body);
        Assert.Equal(LogLevel.Information, app.Log.Events[31]);
    }

    [Fact]
    public async Task Degraded_instance_executes_and_recognises_repetitions_by_itself()
    {
        var count = 0;
        var store = new TestStore();
        await using var app = await StartAsync(store, () => ++count);
        store.Break();

        var first = await app.PostAsync("k");
        var replay = await app.PostAsync("k");
        var other = await app.PostAsync("k", "{\"a\":1}");

        Assert.Equal((200, "1", true, 422, 1), (first.Status, first.Body, replay.IsReplay, other.Status, count));
        Assert.Equal(first.Same, replay.Same);
    }

    [Fact]
    public async Task Result_of_a_degraded_instance_gets_into_the_store_when_it_is_back()
    {
        var count = 0;
        var store = new TestStore();
        await using var app = await StartAsync(store, () => ++count);
        await using var other = await StartAsync(store, () => ++count);
        store.Break();
        var first = await app.PostAsync("k");

        store.Mend();

        await ExecutionTests.EventuallyAsync(() => store.Count == 1);
        await ExecutionTests.EventuallyAsync(() => app.Log.Events.ContainsKey(31));
        var replay = await other.PostAsync("k");
        Assert.Equal((first.Same, true, 1), (replay.Same, replay.IsReplay, count));
    }

    [Theory]
    [InlineData(StoreUnavailableAction.DegradeLocal)]
    [InlineData(StoreUnavailableAction.Reject)]
    public async Task Result_that_cannot_be_stored_is_sent_kept_and_stored_when_the_store_is_back(StoreUnavailableAction action)
    {
        var count = 0;
        var store = new TestStore();
        await using var app = await IdempotencyApp.StartAsync(
            context =>
            {
                store.Break();
                return context.Response.WriteAsync($"{++count}");
            },
            options => options.OnStoreUnavailable = action,
            store);
        await using var other = await StartAsync(store, () => ++count);

        var first = await app.PostAsync("k");
        var replay = await app.PostAsync("k");
        store.Mend();
        await ExecutionTests.EventuallyAsync(() => app.Log.Events.ContainsKey(31));

        Assert.Equal(("1", first.Same, true), (first.Body, replay.Same, replay.IsReplay));
        Assert.Equal(first.Same, (await WhenReplayedAsync(other)).Same);
        Assert.Equal(1, count);
    }

    [Fact]
    public async Task Key_of_a_failed_handler_is_released_when_the_store_is_back()
    {
        var store = new TestStore();
        await using var app = await IdempotencyApp.StartAsync(
            context =>
            {
                store.Break();
                context.Response.StatusCode = 500;
                return Task.CompletedTask;
            },
            store: store);
        await using var other = await StartAsync(store, () => 2, options => options.OnAbandoned = AbandonedCallAction.RejectUnknown);
        await app.PostAsync("k");

        store.Mend();

        await ExecutionTests.EventuallyAsync(() => store.Count == 0);
        Assert.Equal("2", (await other.PostAsync("k")).Body);
    }

    [Fact]
    public async Task Repetition_during_an_outage_gets_the_answer_that_this_instance_gave_before_it()
    {
        var count = 0;
        var store = new TestStore();
        await using var app = await StartAsync(store, () => ++count);
        var first = await app.PostAsync("k");
        store.Break();

        Assert.Equal(first.Same, (await app.PostAsync("k")).Same);
        Assert.Equal(1, count);
    }

    [Fact]
    public async Task Repetition_during_an_outage_of_a_request_that_runs_here_gets_409()
    {
        var handler = new HeldHandler();
        var store = new TestStore();
        await using var app = await IdempotencyApp.StartAsync(handler.HandleAsync, store: store);
        var first = app.PostAsync("k");
        await handler.InsideAsync();
        store.Break();

        Assert.Equal("idempotency-request-running", (await app.PostAsync("k")).Code);
        handler.End();
        Assert.Equal(200, (await first).Status);
        Assert.Equal(1, handler.Count);
    }

    [Fact]
    public async Task Claim_that_was_made_in_an_outage_gets_into_the_store_while_the_handler_runs()
    {
        var (isInside, mayEnd, count) = (new TaskCompletionSource(), new TaskCompletionSource(), 0);
        var store = new TestStore();
        await using var app = await IdempotencyApp.StartAsync(
            async _ =>
            {
                count++;
                isInside.TrySetResult();
                await mayEnd.Task;
            },
            options => options.RenewInterval = TimeSpan.FromMilliseconds(50),
            store);
        await using var other = await StartAsync(store, () => ++count);
        store.Break();
        var first = app.PostAsync("k");
        await isInside.Task.WaitAsync(IdempotencyApp.Patience);

        store.Mend();

        await ExecutionTests.EventuallyAsync(() => store.Count == 1);
        Assert.Equal("idempotency-request-running", (await other.PostAsync("k")).Code);
        mayEnd.SetResult();
        await first;
        Assert.True((await other.PostAsync("k")).IsReplay);
        Assert.Equal(1, count);
    }

    [Fact]
    public async Task Renewal_goes_on_after_an_outage_so_that_the_claim_is_not_lost()
    {
        var (handler, renewals) = (new HeldHandler(), 0);
        var store = new TestStore();
        await using var app = await IdempotencyApp.StartAsync(
            handler.HandleAsync,
            options => options.RenewInterval = TimeSpan.FromMilliseconds(50),
            store);
        var first = app.PostAsync("k");
        await handler.InsideAsync();
        store.Break();
        await ExecutionTests.EventuallyAsync(() => app.Log.Events.ContainsKey(30));

        store.Before = (command, _) =>
        {
            Interlocked.Add(ref renewals, command == "renew" ? 1 : 0);
            return Task.CompletedTask;
        };

        await ExecutionTests.EventuallyAsync(() => Volatile.Read(ref renewals) >= 3);
        handler.End();
        Assert.Equal(200, (await first).Status);
        Assert.DoesNotContain(32, app.Log.Events.Keys);
        Assert.Equal(1, handler.Count);
    }

    [Theory]
    [InlineData(StoreUnavailableAction.DegradeLocal, 200)]
    [InlineData(StoreUnavailableAction.Reject, 503)]
    public async Task Store_that_hangs_counts_as_unavailable_after_its_time(StoreUnavailableAction action, int status)
    {
        var store = new TestStore();
        await using var app = await StartAsync(store, () => 1, options => (options.OnStoreUnavailable, options.StoreTimeout) = (action, TimeSpan.FromMilliseconds(100)));
        store.Hang();
        var watch = Stopwatch.StartNew();

        var answer = await app.PostAsync("k");

        // Claim and completion, each with its limit, on a busy machine.
        Assert.Equal(status, answer.Status);
        Assert.InRange(watch.Elapsed, TimeSpan.FromMilliseconds(90), TimeSpan.FromSeconds(20));
        store.Mend();
    }

    [Fact]
    public async Task Store_that_throws_anything_else_counts_as_unavailable()
    {
        var store = new TestStore { Before = (_, _) => throw new TimeoutException("the store is odd") };
        await using var app = await StartAsync(store, () => 1);

        Assert.Equal(200, (await app.PostAsync("k")).Status);

        Assert.Equal(LogLevel.Warning, app.Log.Events[30]);
    }

    [Fact]
    public async Task Outage_is_logged_once_and_so_is_its_end()
    {
        var store = new TestStore();
        await using var app = await StartAsync(store, () => 1);
        for (var outage = 0; outage < 3; outage++)
        {
            store.Break();
            for (var i = 0; i < 5; i++)
            {
                await app.PostAsync($"{outage}-{i}");
            }

            store.Mend();
            await app.PostAsync($"{outage}-end");
        }

        Assert.Equal(3, app.Log.Lines.Count(line => line.Contains("does not answer", StringComparison.Ordinal)));
        Assert.Equal(3, app.Log.Lines.Count(line => line.Contains("answers again", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task Result_of_an_outage_whose_request_was_executed_elsewhere_too_is_reported()
    {
        var store = new TestStore();
        await using var app = await StartAsync(store, () => 1);
        await using var other = await StartAsync(store, () => 2);
        store.Break();
        await app.PostAsync("k");
        await other.PostAsync("k");

        store.Mend();

        await ExecutionTests.EventuallyAsync(() => app.Log.Events.ContainsKey(33) || other.Log.Events.ContainsKey(33));
        Assert.Equal(1, store.Count);
    }

    [Fact]
    public async Task Stop_of_the_host_stores_what_was_kept()
    {
        var store = new TestStore();
        var app = await StartAsync(store, () => 1);
        store.Break();
        var first = await app.PostAsync("k");
        store.Mend();

        await app.DisposeAsync();

        await using var other = await StartAsync(store, () => 2);
        Assert.Equal(first.Same, (await other.PostAsync("k")).Same);
    }

    [Fact]
    public async Task Stop_of_the_host_reports_what_is_lost()
    {
        var store = new TestStore();
        var app = await StartAsync(store, () => 1);
        store.Break();
        await app.PostAsync("k");
        await app.PostAsync("l");

        await app.DisposeAsync();

        Assert.Equal(LogLevel.Error, app.Log.Events[35]);
        Assert.Contains(app.Log.Lines, line => line.Contains("2 results", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Too_many_results_for_a_store_that_stays_down_are_dropped_with_an_error()
    {
        var store = new TestStore();
        await using var app = await IdempotencyApp.StartAsync(
            async context => await context.Response.Body.WriteAsync(new byte[30 * 1024 * 1024]), options => options.MaxResponseSize = 32 * 1024 * 1024, store);
        store.Break();
        for (var i = 0; i < 3; i++)
        {
            Assert.Equal(200, (await app.PostAsync($"{i}")).Status);
        }

        Assert.Equal(LogLevel.Error, app.Log.Events[34]);
    }

    /// <summary>Random outages, hangs, data losses of the store; callers repeat until they have an answer. On one instance nothing is ever executed twice.</summary>
    [Fact]
    public async Task Random_outages_never_lead_to_a_second_execution_on_one_instance()
    {
        var seed = Environment.TickCount;
        var counts = new System.Collections.Concurrent.ConcurrentDictionary<string, int>();
        var store = new TestStore();
        await using var app = await IdempotencyApp.StartAsync(
            async context =>
            {
                var count = counts.AddOrUpdate(context.Idempotency().Key!, 1, (_, old) => old + 1);
                await Task.Delay(Random.Shared.Next(5));
                await context.Response.WriteAsync($"{count}");
            },
            options => (options.StoreTimeout, options.RenewInterval) = (TimeSpan.FromMilliseconds(50), TimeSpan.FromMilliseconds(10)),
            store);
        using var end = new CancellationTokenSource();
        var trouble = Task.Run(async () =>
        {
            var random = new Random(seed);
            while (!end.IsCancellationRequested)
            {
                (random.Next(5) switch { 0 => store.Break, 1 => (Action)store.Hang, 2 => store.LoseData, _ => store.Mend })();
                await Task.Delay(random.Next(30));
            }
        });

        await Task.WhenAll(Enumerable.Range(0, 8).Select(async caller =>
        {
            var random = new Random(seed + caller);
            for (var call = 0; call < 40; call++)
            {
                // Two callers share a key.
                var key = $"{caller / 2}-{call}";
                for (IdempotencyApp.Answer answer; (answer = await app.PostAsync(key)).Status != 200;)
                {
                    Assert.Equal("idempotency-request-running", answer.Code);
                    await Task.Delay(random.Next(5));
                }
            }
        }));
        await end.CancelAsync();
        await trouble;

        Assert.Equal(160, counts.Count);
        Assert.True(counts.Values.All(count => count == 1), $"seed {seed}: {counts.Values.Count(count => count > 1)} were executed more than once");
    }

    private static async Task<IdempotencyApp.Answer> WhenReplayedAsync(IdempotencyApp app)
    {
        while (true)
        {
            var answer = await app.PostAsync("k");
            if (answer.Code != "idempotency-request-running")
            {
                return answer;
            }

            await Task.Delay(10);
        }
    }

    private static Task<IdempotencyApp> StartAsync(TestStore store, Func<int> count, Action<IdempotentEndpointOptions>? configure = null) =>
        IdempotencyApp.StartAsync(context => context.Response.WriteAsync($"{count()}"), configure, store);
}
