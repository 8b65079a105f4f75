using System.Text;
using Microsoft.AspNetCore.Http;

namespace Resilience.Polly.AspNetCore.Tests;

/// <summary>Keys, bodies and users are in no log, no problem and no key of a store.</summary>
public class SecrecyTests
{
    private static readonly string[] Secrets = ["key-5ecret", "body-5ecret", "user-5ecret", "answer-5ecret"];

    [Fact]
    public async Task Nothing_of_a_request_gets_into_logs_problems_or_keys_of_the_store()
    {
        var store = new TestStore();
        var mayEnd = new TaskCompletionSource();
        var mode = "answer";
        await using var app = await IdempotencyApp.StartAsync(
            async context =>
            {
                if (mode == "wait")
                {
                    await mayEnd.Task;
                }

                if (mode == "throw after the commit")
                {
                    context.Idempotency().MarkCommitted();
                    throw new InvalidOperationException("bug");
                }

                if (mode == "break")
                {
                    store.Break();
                }

                await context.Response.WriteAsync(mode == "large" ? new string('a', 2_000) + "answer-5ecret" : "answer-5ecret");
            },
            options => (options.MaxResponseSize, options.MaxRequestSize, options.RenewInterval) = (1_000, 1_000, TimeSpan.FromMilliseconds(20)),
            store);
        var problems = new List<IdempotencyApp.Answer>();
        Task<IdempotencyApp.Answer> PostAsync(string key, string body = "body-5ecret") => app.PostAsync($"key-5ecret-{key}", body, user: "user-5ecret");
        async Task RepeatAsync(string key, string body = "body-5ecret") => problems.Add(await PostAsync(key, body));

        await PostAsync("a");
        await RepeatAsync("a", "body-5ecret and more");
        await RepeatAsync("b", "body-5ecret" + new string('b', 2_000));
        await RepeatAsync("\"");
        await RepeatAsync(new string('k', 300));
        mode = "large";
        await PostAsync("large");
        await RepeatAsync("large");
        mode = "throw after the commit";
        await PostAsync("committed");
        await RepeatAsync("committed");
        mode = "wait";
        var first = PostAsync("running");
        await ExecutionTests.EventuallyAsync(() => store.Claims.Any(claim => claim.Claim.Owner is not null) && store.Count >= 4);
        await RepeatAsync("running");
        store.LoseData();
        foreach (var (key, claim) in store.Claims.ToArray())
        {
            await store.ClaimAsync(key, new() { Owner = "other", Fingerprint = claim.Fingerprint, Lease = TimeSpan.FromHours(1), Retention = TimeSpan.FromHours(1) });
        }

        await ExecutionTests.EventuallyAsync(() => app.Log.Events.ContainsKey(32));
        mayEnd.SetResult();
        await first;
        mode = "break";
        await PostAsync("broken");
        await PostAsync("broken 2");
        store.Mend();
        await ExecutionTests.EventuallyAsync(() => app.Log.Events.ContainsKey(31));
        store.Mangle = _ => Encoding.UTF8.GetBytes("answer-5ecret");
        await using var reader = await IdempotencyApp.StartAsync(_ => Task.CompletedTask, options => (options.MaxRequestSize, options.MaxResponseSize) = (1_000, 1_000), store);
        problems.Add(await reader.PostAsync("key-5ecret-a", "body-5ecret", user: "user-5ecret"));
        problems.Add(await reader.PostAsync("key-5ecret-broken", "body-5ecret", user: "user-5ecret"));

        Assert.Equal(
            ["idempotency-body-too-large", "idempotency-key-invalid", "idempotency-key-reused", "idempotency-request-running", "idempotency-response-lost", "idempotency-response-too-large"],
            problems.Select(problem => problem.Code).Intersect(
                ["idempotency-body-too-large", "idempotency-key-invalid", "idempotency-key-reused", "idempotency-request-running", "idempotency-response-lost", "idempotency-response-too-large"]).Order());
        foreach (var secret in Secrets)
        {
            Assert.All(app.Log.Lines.Concat(reader.Log.Lines), line => Assert.DoesNotContain(secret, line, StringComparison.OrdinalIgnoreCase));
            Assert.All(problems, problem => Assert.DoesNotContain(secret, problem.Body, StringComparison.OrdinalIgnoreCase));
            Assert.All(store.Claims, claim => Assert.DoesNotContain(secret, claim.Key + claim.Claim.Owner + Encoding.Latin1.GetString(claim.Claim.Fingerprint.Span), StringComparison.OrdinalIgnoreCase));
        }

        Assert.Superset(new HashSet<int> { 30, 31, 32, 33, 37 }, app.Log.Events.Keys.ToHashSet());
    }
}
