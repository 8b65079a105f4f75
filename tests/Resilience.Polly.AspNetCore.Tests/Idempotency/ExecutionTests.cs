using System.Collections.Concurrent;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Resilience.Polly.AspNetCore.Tests;

/// <summary>One execution for each key: under races, when callers hang up, when handlers are slow, and when owners die.</summary>
public class ExecutionTests
{
    [Fact]
    public async Task Of_50_requests_with_one_key_over_two_instances_one_is_executed()
    {
        var counts = new ConcurrentDictionary<string, int>();
        var store = new TestStore();
        Task<IdempotencyApp> StartAsync() => IdempotencyApp.StartAsync(
            async context =>
            {
                counts.AddOrUpdate(context.Idempotency().Key!, 1, (_, count) => count + 1);
                await Task.Yield();
                await Results.Created($"/orders/{Guid.NewGuid()}", new { id = Guid.NewGuid() }).ExecuteAsync(context);
            },
            options => options.WaitForRunning = TimeSpan.FromMinutes(1),
            store);
        await using var one = await StartAsync();
        await using var two = await StartAsync();
        for (var round = 0; round < 20; round++)
        {
            var key = $"round-{round}";
            var answers = await Task.WhenAll(Enumerable.Range(0, 50).Select(i => (i % 2 == 0 ? one : two).PostAsync(key)));

            Assert.Equal(1, counts[key]);
            Assert.Single(answers, answer => !answer.IsReplay);
            Assert.Single(answers.Select(answer => answer.Same).Distinct());
            Assert.Equal((201, true), (answers[0].Status, answers[0]["Location"]?.StartsWith("/orders/", StringComparison.Ordinal)));
        }
    }

    [Fact]
    public async Task Without_waiting_each_of_50_requests_gets_the_answer_or_409()
    {
        var count = 0;
        var store = new TestStore();
        Task<IdempotencyApp> StartAsync() => IdempotencyApp.StartAsync(context => context.Response.WriteAsync($"{Interlocked.Increment(ref count)}"), store: store);
        await using var one = await StartAsync();
        await using var two = await StartAsync();

        var answers = await Task.WhenAll(Enumerable.Range(0, 50).Select(i => (i % 2 == 0 ? one : two).PostAsync("k")));

        Assert.Equal(1, count);
        Assert.Single(answers, answer => answer is { Status: 200, IsReplay: false });
        Assert.All(answers, answer => Assert.True(answer.Status == 200 ? answer.Body == "1" : answer.Code == "idempotency-request-running", $"{answer.Status}"));
    }

    [Fact]
    public async Task Caller_that_hangs_up_does_not_stop_the_handler_and_its_repetition_gets_the_answer()
    {
        var (isInside, hungUp, hasEnded) = (new TaskCompletionSource(), new TaskCompletionSource(), new TaskCompletionSource());
        var (count, wasCancelled) = (0, true);
        await using var app = await IdempotencyApp.StartAsync(
            async context =>
            {
                count++;
                isInside.SetResult();
                await hungUp.Task;
                wasCancelled = context.RequestAborted.IsCancellationRequested;
                await context.Response.WriteAsync("paid", context.RequestAborted);
            },
            before: app => app.Use(async (context, next) =>
            {
                using var registration = context.RequestAborted.Register(() => hungUp.TrySetResult());
                await next(context);
                hasEnded.TrySetResult();
            }));
        using var caller = new CancellationTokenSource();
        var request = app.PostAsync("k", cancellationToken: caller.Token);
        await isInside.Task.WaitAsync(IdempotencyApp.Patience);

        await caller.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => request);
        await hasEnded.Task.WaitAsync(IdempotencyApp.Patience);

        var replay = await app.PostAsync("k");
        Assert.Equal((1, false, "paid", true), (count, wasCancelled, replay.Body, replay.IsReplay));
    }

    [Fact]
    public async Task Stop_of_the_host_ends_a_handler_whose_caller_hung_up()
    {
        var (isInside, hungUp, wasCancelled) = (new TaskCompletionSource(), new TaskCompletionSource(), new TaskCompletionSource());
        var app = await IdempotencyApp.StartAsync(
            async context =>
            {
                isInside.SetResult();
                await Task.Delay(Timeout.Infinite, context.RequestAborted).ContinueWith(_ => wasCancelled.SetResult(), TaskScheduler.Default);
            },
            before: app => app.Use(async (context, next) =>
            {
                using var registration = context.RequestAborted.Register(() => hungUp.TrySetResult());
                await next(context);
            }));
        using var caller = new CancellationTokenSource();
        var request = app.PostAsync("k", cancellationToken: caller.Token);
        await isInside.Task.WaitAsync(IdempotencyApp.Patience);
        await caller.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => request);
        await hungUp.Task.WaitAsync(IdempotencyApp.Patience);
        Assert.False(wasCancelled.Task.IsCompleted);

        await app.DisposeAsync();

        await wasCancelled.Task.WaitAsync(IdempotencyApp.Patience);
    }

    [Fact]
    public async Task Handler_that_aborts_its_request_sees_its_token_end()
    {
        var wasCancelled = new TaskCompletionSource<bool>(); // the caller may know of the end before the handler has looked
        await using var app = await IdempotencyApp.StartAsync(context =>
        {
            context.Abort();
            wasCancelled.SetResult(context.RequestAborted.IsCancellationRequested);
            return Task.CompletedTask;
        });

        await Assert.ThrowsAnyAsync<HttpRequestException>(() => app.PostAsync("k"));

        Assert.True(await wasCancelled.Task.WaitAsync(IdempotencyApp.Patience));
    }

    [Fact]
    public async Task Live_owner_that_is_slower_than_many_leases_is_never_duplicated()
    {
        var handler = new HeldHandler("slow");
        var clock = new TestClock();
        var renewed = new SemaphoreSlim(0);
        var store = new TestStore(clock);
        Task<IdempotencyApp> StartAsync() => IdempotencyApp.StartAsync(handler.HandleAsync, store: store, clock: clock);
        await using var one = await StartAsync();
        await using var two = await StartAsync();
        var first = one.PostAsync("k");
        await handler.InsideAsync();
        store.Before = (command, _) =>
        {
            if (command == "renew")
            {
                renewed.Release();
            }

            return Task.CompletedTask;
        };
        for (var i = 0; i < 30; i++)
        {
            // A third of the lease. The renewal may come a little later: it is waited for.
            clock.Advance(TimeSpan.FromSeconds(10));
            Assert.True(await renewed.WaitAsync(IdempotencyApp.Patience));
            Assert.Equal("idempotency-request-running", (await (i % 2 == 0 ? one : two).PostAsync("k")).Code);
        }

        handler.End();
        Assert.Equal("slow", (await first).Body);
        Assert.True((await two.PostAsync("k")).IsReplay);
        Assert.Equal(1, handler.Count);
    }

    [Theory]
    [InlineData(AbandonedCallAction.ReExecute)]
    [InlineData(AbandonedCallAction.RejectUnknown)]
    public async Task Owner_that_died_is_replaced_after_the_lease_or_reported(AbandonedCallAction action)
    {
        var count = 0;
        var clock = new TestClock();
        var store = new TestStore(clock);
        await using var app = await IdempotencyApp.StartAsync(
            context => context.Response.WriteAsync($"{++count}"), options => options.OnAbandoned = action, store, clock);
        await DieInsideAsync(store);

        Assert.Equal("idempotency-request-running", (await app.PostAsync("dead")).Code);
        clock.Advance(TimeSpan.FromSeconds(30));
        var answer = await app.PostAsync("dead");
        var again = await app.PostAsync("dead");

        if (action == AbandonedCallAction.ReExecute)
        {
            Assert.Equal((200, "1", false, true), (answer.Status, answer.Body, answer.IsReplay, again.IsReplay));
            return;
        }

        Assert.Equal((409, "idempotency-outcome-unknown", null), (answer.Status, answer.Code, answer["Retry-After"]));
        Assert.Equal((409, "idempotency-outcome-unknown", 0), (again.Status, again.Code, count));
        Assert.Equal(LogLevel.Warning, app.Log.Events[38]);
    }

    [Theory]
    [InlineData(AbandonedCallAction.ReExecute)]
    [InlineData(AbandonedCallAction.RejectUnknown)]
    public async Task Owner_that_died_after_its_commit_is_never_replaced(AbandonedCallAction action)
    {
        var count = 0;
        var clock = new TestClock();
        var store = new TestStore(clock);
        await using var app = await IdempotencyApp.StartAsync(
            context => context.Response.WriteAsync($"{++count}"), options => options.OnAbandoned = action, store, clock);
        await DieInsideAsync(store, isCommitted: true);
        clock.Advance(TimeSpan.FromSeconds(30));

        var answer = await app.PostAsync("dead");

        Assert.Equal((409, "idempotency-response-lost", null, 0), (answer.Status, answer.Code, answer["Retry-After"], count));
    }

    [Fact]
    public async Task Stale_owner_whose_claim_was_taken_cannot_store_its_result()
    {
        var handler = new HeldHandler("stale");
        var clock = new TestClock();
        var store = new TestStore(clock);
        await using var frozen = await IdempotencyApp.StartAsync(handler.HandleAsync, store: new FrozenStore(store), clock: clock);
        await using var live = await IdempotencyApp.StartAsync(context => context.Response.WriteAsync("live"), store: store, clock: clock);
        var first = frozen.PostAsync("k");
        await handler.InsideAsync();
        clock.Advance(TimeSpan.FromSeconds(31));

        Assert.Equal("live", (await live.PostAsync("k")).Body);
        handler.End();

        Assert.Equal("stale", (await first).Body);
        Assert.Equal(LogLevel.Error, frozen.Log.Events[33]);
        Assert.Equal(("live", true), ((await frozen.PostAsync("k")) is var replay ? (replay.Body, replay.IsReplay) : default));
    }

    [Fact]
    public async Task Owner_that_learns_that_its_claim_was_taken_says_so()
    {
        var handler = new HeldHandler();
        var clock = new TestClock();
        var store = new TestStore(clock);
        await using var app = await IdempotencyApp.StartAsync(handler.HandleAsync, store: store, clock: clock);
        var first = app.PostAsync("k");
        await handler.InsideAsync();
        store.LoseData();
        var (key, claim) = store.Claims.Single();
        await store.ClaimAsync(key, new() { Owner = "other", Fingerprint = claim.Fingerprint, Lease = TimeSpan.FromHours(1), Retention = TimeSpan.FromHours(1) });

        clock.Advance(TimeSpan.FromSeconds(10));

        await EventuallyAsync(() => app.Log.Events.ContainsKey(32));
        handler.End();
        Assert.Equal(200, (await first).Status);
        Assert.Equal(LogLevel.Warning, app.Log.Events[32]);
    }

    [Fact]
    public async Task Store_that_lost_its_data_gets_the_claim_again_and_nothing_is_executed_twice_here()
    {
        var handler = new HeldHandler("once");
        var clock = new TestClock();
        var store = new TestStore(clock);
        Task<IdempotencyApp> StartAsync() => IdempotencyApp.StartAsync(handler.HandleAsync, store: store, clock: clock);
        await using var app = await StartAsync();
        await using var other = await StartAsync();
        var first = app.PostAsync("k");
        await handler.InsideAsync();
        store.LoseData();

        Assert.Equal("idempotency-request-running", (await app.PostAsync("k")).Code);
        clock.Advance(TimeSpan.FromSeconds(10));
        await EventuallyAsync(() => store.Count == 1);
        Assert.Equal("idempotency-request-running", (await other.PostAsync("k")).Code);

        store.LoseData();
        handler.End();
        Assert.Equal("once", (await first).Body);
        Assert.True((await other.PostAsync("k")).IsReplay);
        store.LoseData();
        Assert.True((await app.PostAsync("k")).IsReplay);
        Assert.Equal(1, handler.Count);
    }

    internal static async Task EventuallyAsync(Func<bool> holds)
    {
        for (var start = DateTime.UtcNow; !holds();)
        {
            Assert.True(DateTime.UtcNow - start < IdempotencyApp.Patience, "It never came true.");
            await Task.Delay(10);
        }
    }

    /// <summary>Leaves what an instance leaves that was killed inside a handler: a claim that nobody renews.</summary>
    private static async Task DieInsideAsync(TestStore store, bool isCommitted = false)
    {
        // What an instance would claim.
        var spy = new Spy(new TestStore());
        await using (var app = await IdempotencyApp.StartAsync(_ => Task.CompletedTask, store: spy))
        {
            await app.PostAsync("dead");
        }

        var (key, claim) = spy.Seen!.Value;
        Assert.Equal(IdempotencyStatus.Claimed, (await store.ClaimAsync(key, claim)).Status);
        Assert.True(!isCommitted || await store.RenewAsync(key, claim.Owner, claim.Lease, isCommitted: true));
    }

    /// <summary>Sees what is claimed.</summary>
    private sealed class Spy(IIdempotencyStore store) : IIdempotencyStore
    {
        public (string Key, IdempotencyClaim Claim)? Seen { get; private set; }

        public ValueTask<IdempotencyEntry> ClaimAsync(string key, IdempotencyClaim claim, CancellationToken cancellationToken = default)
        {
            Seen = (key, claim);
            return store.ClaimAsync(key, claim, cancellationToken);
        }

        public ValueTask<bool> RenewAsync(string key, string owner, TimeSpan lease, bool isCommitted, CancellationToken cancellationToken = default) =>
            store.RenewAsync(key, owner, lease, isCommitted, cancellationToken);

        public ValueTask<bool> CompleteAsync(string key, string owner, ReadOnlyMemory<byte> result, TimeSpan retention, CancellationToken cancellationToken = default) =>
            store.CompleteAsync(key, owner, result, retention, cancellationToken);

        public ValueTask<bool> AbandonAsync(string key, string owner, CancellationToken cancellationToken = default) => store.AbandonAsync(key, owner, cancellationToken);
    }

    /// <summary>The store, as an instance sees it that cannot renew.</summary>
    private sealed class FrozenStore(IIdempotencyStore store) : IIdempotencyStore
    {
        public ValueTask<IdempotencyEntry> ClaimAsync(string key, IdempotencyClaim claim, CancellationToken cancellationToken = default) => store.ClaimAsync(key, claim, cancellationToken);

        public ValueTask<bool> RenewAsync(string key, string owner, TimeSpan lease, bool isCommitted, CancellationToken cancellationToken = default) =>
            throw new SharedStateUnavailableException("frozen");

        public ValueTask<bool> CompleteAsync(string key, string owner, ReadOnlyMemory<byte> result, TimeSpan retention, CancellationToken cancellationToken = default) =>
            store.CompleteAsync(key, owner, result, retention, cancellationToken);

        public ValueTask<bool> AbandonAsync(string key, string owner, CancellationToken cancellationToken = default) => store.AbandonAsync(key, owner, cancellationToken);
    }
}
