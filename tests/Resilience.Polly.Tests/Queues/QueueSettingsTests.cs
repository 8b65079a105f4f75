using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Resilience.Polly.Tests.Queues;

/// <summary>Queues are set like pipelines: in the configuration, in code, live, and with all faults at once.</summary>
public class QueueSettingsTests
{
    [Fact]
    public async Task Settings_come_from_the_configuration_and_code_wins()
    {
        await using var app = TestPipelines.FromJson(
            """
            { "Pipelines": { "bank": {} },
              "Queues": { "mail": { "Capacity": 7, "workers": 2, "Pipeline": "Bank", "EnqueueTimeout": "00:00:03", "Pause": "00:00:04", "DrainTimeout": "00:00:05" }, "news": {} } }
            """,
            builder => builder.AddRequestQueue("MAIL", o => o.Workers = 9).AddRequestQueue("code", o => o.Capacity = 1));
        var queues = app.Services.GetRequiredService<RequestQueueProvider>();

        var mail = queues.GetQueue("mail").GetSnapshot().Options;

        Assert.Equal(
            (7, 9, "Bank", TimeSpan.FromSeconds(3), TimeSpan.FromSeconds(4), TimeSpan.FromSeconds(5)),
            (mail.Capacity, mail.Workers, mail.Pipeline, mail.EnqueueTimeout, mail.Pause, mail.DrainTimeout));
        Assert.Equal(["code", "mail", "news"], queues.GetSnapshots().Select(queue => queue.Name));
        Assert.Equal(100, queues.GetQueue("news").GetSnapshot().Options.Capacity);
    }

    [Theory]
    [InlineData("""{ "Capacity": 0 }""", ":Capacity = \"0\": out of range, allowed is 1 to 1000000")]
    [InlineData("""{ "EnqueueTimeout": "1" }""", ":EnqueueTimeout = \"1\": a bare number is not a duration (.NET reads it as days); for 1 seconds write \"00:00:01\", allowed is 00:00:00 to 1.00:00:00")]
    [InlineData("""{ "Pause": "00:00:00" }""", ":Pause = \"00:00:00\": out of range, allowed is 00:00:00.0010000 to 1.00:00:00")]
    [InlineData("""{ "Size": 5 }""", ":Size = \"5\": unknown key, known here are Pipeline, Capacity, EnqueueTimeout, Workers, Pause, DrainTimeout")]
    [InlineData("""{ "Pipeline": "bnak" }""", ":Pipeline = \"bnak\": there is no pipeline of this name, known are bank")]
    [InlineData("\"fast\"", " = \"fast\": a block of settings is expected here, with the keys Pipeline, Capacity, EnqueueTimeout, Workers, Pause, DrainTimeout")]
    public async Task Setting_refused_with_its_path_the_value_and_what_is_allowed(string queue, string fault) =>
        Assert.Equal([$"Resilience:Queues:mail{fault}"], await RefusedAsync($$"""{ "Pipelines": { "bank": {} }, "Queues": { "mail": {{queue}} } }"""));

    [Fact]
    public async Task Section_refused_with_its_path()
    {
        Assert.Equal(["Resilience:Queues = \"mail\": a block of named queues is expected here"], await RefusedAsync("""{ "Queues": "mail" }"""));
        Assert.Equal(["Resilience:Queues = \"\": the name of a queue is empty"], await RefusedAsync("""{ "Queues": { "": {} } }"""));
    }

    [Fact]
    public async Task Code_is_checked_like_the_configuration_and_together_with_the_pipelines() =>
        Assert.Equal(
            [
                "Resilience:Pipelines:bank:Typo = \"1\": unknown key, known here are BasedOn, BaseAddress, MapExceptions, Importance, PartitionBy, MaxPartitions, MaxOpenShare, PartitionIdleTimeout, PartitionMetrics, Timeout, Retry, CircuitBreaker, Bulkhead, RateLimit, LoadShedding, Idempotency, Alerts, Chaos",
                "Queues:mail:Workers = 0 (set in code): out of range, allowed is 1 to 10000",
                "Queues:mail:Pipeline = \"nobody\": there is no pipeline of this name, known are bank",
                "Queues:news: the code that configures this queue failed: InvalidOperationException: no such tenant",
                "Queues:TWICE: AddRequestQueue was called twice with this name; put all settings into one call",
                "an AddRequestQueue call = \"\": the name of a queue is empty",
            ],
            await RefusedAsync(
                """{ "Pipelines": { "bank": { "Typo": 1 } } }""",
                builder => builder
                    .AddRequestQueue("mail", o => (o.Workers, o.Pipeline) = (0, "nobody"))
                    .AddRequestQueue("news", _ => throw new InvalidOperationException("no such tenant"))
                    .AddRequestQueue("twice")
                    .AddRequestQueue("TWICE")
                    .AddRequestQueue("")));

    [Fact]
    public async Task Reload_changes_a_queue_while_it_works()
    {
        var live = new LiveJson("""{ "Pipelines": { "mail": {} }, "Queues": { "mail": { "Workers": 1, "Capacity": 1 }, "old": {} } }""");
        var log = new LogRecorder();
        await using var app = new TestPipelines(services =>
        {
            services.AddLogging(logging => logging.AddProvider(log));
            services.AddResilience(live.Section);
        });
        var queues = app.Services.GetRequiredService<RequestQueueProvider>();
        await Assert.Single(app.Services.GetServices<IHostedService>()).StartAsync(CancellationToken.None);
        var queue = queues.GetQueue("mail");
        var items = Enumerable.Range(0, 4).Select(i => new HeldItem(i)).ToList();
        items[0].EnqueueTo(queue);
        await QueueApp.WaitAsync(() => items[0].IsInWork, () => queue.GetSnapshot().ToString());
        items.Skip(1).ToList().ForEach(item => item.EnqueueTo(queue));
        Assert.Equal((1, 1, 2), (queue.GetSnapshot().Running, queue.GetSnapshot().Waiting, queue.GetSnapshot().WaitingForRoom));

        live.Change("""{ "Pipelines": { "mail": {} }, "Queues": { "mail": { "Workers": 0 } } }"""); // refused as a whole
        Assert.Equal(1, queue.GetSnapshot().Options.Workers);
        live.Change("""{ "Pipelines": { "mail": {} }, "Queues": { "mail": { "Workers": 2, "Capacity": 2 }, "new": { "Pipeline": "mail" } } }""");

        await QueueApp.WaitAsync(() => items[1].IsInWork, () => queue.GetSnapshot().ToString());
        Assert.Equal((2, 2, 0), (queue.GetSnapshot().Running, queue.GetSnapshot().Waiting, queue.GetSnapshot().WaitingForRoom));
        Assert.Equal(5, await queues.GetQueue("new").ExecuteAsync(_ => new ValueTask<int>(5)));
        Assert.Equal(6, await queues.GetQueue("old").ExecuteAsync(_ => new ValueTask<int>(6)));
        Assert.Equal(
            [
                "Information: Queue mail: 1 may wait (1 s for room), 1 in work, pause 1 s, drain 20 s, through pipeline mail",
                "Information: Queue old: 100 may wait (1 s for room), 4 in work, pause 1 s, drain 20 s, through no pipeline",
                "Warning: Queue 'old' is no longer configured; it keeps its last settings",
                "Information: Settings changed. Queue mail: 2 may wait (1 s for room), 2 in work, pause 1 s, drain 20 s, through pipeline mail",
                "Information: Queue new: 100 may wait (1 s for room), 4 in work, pause 1 s, drain 20 s, through pipeline mail",
            ],
            log.Lines.Where(line => line.Contains("Queue ", StringComparison.Ordinal)));

        live.Change("""{ "Pipelines": { "mail": {}, "old": {} }, "Queues": { "mail": { "Workers": 1, "Capacity": 2 }, "old": {} } }""");
        Assert.Equal(
            [
                "Warning: Queue 'new' is no longer configured; it keeps its last settings",
                "Information: Settings changed. Queue mail: 2 may wait (1 s for room), 1 in work, pause 1 s, drain 20 s, through pipeline mail",
                "Information: Settings changed. Queue old: 100 may wait (1 s for room), 4 in work, pause 1 s, drain 20 s, through pipeline old",
            ],
            log.Lines.Where(line => line.Contains("Queue ", StringComparison.Ordinal)).Skip(5));
        items[0].Complete();
        await items[0].Task.WaitAsync(HeldCall.Patience);
        items[1].Complete();
        await QueueApp.WaitAsync(() => items[2].IsInWork, () => queue.GetSnapshot().ToString());
        Assert.False(items[3].IsInWork);
    }

    private static async Task<IEnumerable<string>> RefusedAsync(string json, Action<IResilienceBuilder>? more = null)
    {
        var application = Host.CreateEmptyApplicationBuilder(null);
        var builder = application.Services.AddResilience(Json.Section(json));
        more?.Invoke(builder);
        using var host = application.Build();
        return (await Assert.ThrowsAsync<ResilienceConfigurationException>(() => host.StartAsync())).Failures;
    }

    [Fact]
    public async Task TryGetQueue_unknown_name_is_false_and_a_known_one_gives_the_queue_of_GetQueue()
    {
        await using var app = new QueueApp();

        Assert.False(app.Queues.TryGetQueue("typo", out var none));
        Assert.Null(none);
        Assert.True(app.Queues.TryGetQueue(QueueApp.Name.ToUpperInvariant(), out var queue));
        Assert.Same(app.Queues.GetQueue(QueueApp.Name), queue);
        Assert.Throws<ArgumentNullException>("name", () => app.Queues.TryGetQueue(null!, out _));
        Assert.Throws<ArgumentNullException>("name", () => app.Queues.GetQueue(null!));
    }
}
