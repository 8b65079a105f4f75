using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace Resilience.Polly.AspNetCore.Tests;

/// <summary>A handler that has said that its effect is certain is never executed again.</summary>
public class CommitTests
{
    [Theory]
    [InlineData(200)]
    [InlineData(401)]
    [InlineData(429)]
    [InlineData(500)]
    [InlineData(503)]
    public async Task Answer_after_the_commit_is_kept_whatever_it_is(int status)
    {
        var count = 0;
        await using var app = await IdempotencyApp.StartAsync(context =>
        {
            context.Idempotency().MarkCommitted();
            context.Idempotency().MarkCommitted();
            context.Response.StatusCode = status;
            return context.Response.WriteAsync($"{++count}");
        });

        var first = await app.PostAsync("k");
        var replay = await app.PostAsync("k");

        Assert.Equal((status, false, true, 1), (first.Status, first.IsReplay, replay.IsReplay, count));
        Assert.Equal(first.Same, replay.Same);
    }

    [Fact]
    public async Task Throw_after_the_commit_is_reported_and_never_executed_again()
    {
        var count = 0;
        await using var app = await IdempotencyApp.StartAsync(context =>
        {
            count++;
            context.Idempotency().MarkCommitted();
            throw new InvalidOperationException("after the effect");
        });

        Assert.Equal(500, (await app.PostAsync("k")).Status);
        var second = await app.PostAsync("k");

        Assert.Equal((409, "idempotency-response-lost", null, 1), (second.Status, second.Code, second["Retry-After"], count));
    }

    [Fact]
    public async Task Store_learns_of_the_commit_while_the_handler_runs()
    {
        var (committed, told, mayEnd) = (new TaskCompletionSource(), new TaskCompletionSource(), new TaskCompletionSource());
        var clock = new TestClock();
        var store = new TestStore(clock);
        store.Before = (command, _) =>
        {
            if (command == "commit")
            {
                told.TrySetResult();
            }

            return Task.CompletedTask;
        };
        await using var app = await IdempotencyApp.StartAsync(
            async context =>
            {
                context.Idempotency().MarkCommitted();
                committed.SetResult();
                await mayEnd.Task;
            },
            store: store,
            clock: clock);
        var first = app.PostAsync("k");
        await committed.Task.WaitAsync(IdempotencyApp.Patience);

        // The clock stands still: no renewal is due.
        await told.Task.WaitAsync(IdempotencyApp.Patience);
        mayEnd.SetResult();
        Assert.Equal(200, (await first).Status);
    }

    [Fact]
    public async Task Commit_during_an_outage_is_told_when_the_store_is_back()
    {
        var (isCommitted, mayEnd, told) = (new TaskCompletionSource(), new TaskCompletionSource(), new TaskCompletionSource());
        var store = new TestStore();
        await using var app = await IdempotencyApp.StartAsync(
            async context =>
            {
                store.Break();
                context.Idempotency().MarkCommitted();
                isCommitted.SetResult();
                await mayEnd.Task;
            },
            options => options.RenewInterval = TimeSpan.FromMilliseconds(50),
            store);
        var first = app.PostAsync("k");
        await isCommitted.Task.WaitAsync(IdempotencyApp.Patience);

        store.Before = (command, _) =>
        {
            if (command == "commit")
            {
                told.TrySetResult();
            }

            return Task.CompletedTask;
        };

        await told.Task.WaitAsync(IdempotencyApp.Patience);
        mayEnd.SetResult();
        Assert.Equal(200, (await first).Status);
    }

    [Fact]
    public async Task Handler_sees_its_key_and_whether_it_has_committed()
    {
        var seen = new List<(string?, bool, bool)>();
        RequestDelegate handler = context =>
        {
            var request = context.Idempotency();
            var before = request.IsCommitted;
            request.MarkCommitted();
            seen.Add((request.Key, before, request.IsCommitted));
            return Task.CompletedTask;
        };
        await using var app = await IdempotencyApp.StartAsync(handler, options => options.RequireKey = false, map: app => app.MapPost("/plain", handler));

        await app.PostAsync("\"k \\\\ 1\"");
        await app.PostAsync(null);
        await app.PostAsync("k", path: "/plain");

        Assert.Equal([("k \\ 1", false, true), (null, false, false), (null, false, false)], seen);
    }
}
