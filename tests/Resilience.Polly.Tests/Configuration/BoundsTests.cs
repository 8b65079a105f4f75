using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Logging;

namespace Resilience.Polly.Tests.Configuration;

/// <summary>Work and messages stay small, however many pipelines there are and however they are based on each other.</summary>
public class BoundsTests
{
    private const int Many = 5_000;
    private const int MaxMessage = 20_000;

    [Theory]
    [InlineData(10)]
    [InlineData(2_000)]
    public async Task Code_of_a_pipeline_runs_as_often_in_a_long_chain_as_in_a_short_one(int length)
    {
        var calls = 0;
        await using var app = new TestPipelines(services =>
        {
            var builder = services.AddResilience();
            for (var i = 0; i < length; i++)
            {
                var number = i;
                builder.AddPipeline($"p{i}", basedOn: number == 0 ? null : $"p{number - 1}", configure: o =>
                {
                    calls++;
                    o.Retry.MaxAttempts = number == 0 ? 7 : o.Retry.MaxAttempts;
                });
            }
        });

        Assert.Equal(7, app.Monitor.GetSnapshot($"p{length - 1}").Options.Retry.MaxAttempts);
        Assert.Equal(length, calls);
    }

    [Fact]
    public async Task Chain_of_any_length_is_read_from_the_configuration()
    {
        var pipelines = Enumerable.Range(0, Many).Select(i => i == 0 ? "\"p0\": { \"Retry\": { \"MaxAttempts\": 7 } }" : $"\"p{i}\": {{ \"BasedOn\": \"P{i - 1}\" }}");
        await using var app = TestPipelines.FromJson(Settings(pipelines.Reverse()));

        Assert.Equal(7, app.Monitor.GetSnapshot($"p{Many - 1}").Options.Retry.MaxAttempts);
    }

    [Fact]
    public async Task Chains_give_what_each_layer_over_the_other_gives()
    {
        var seed = Random.Shared.Next();
        TestContext.Current.SendDiagnosticMessage($"seed {seed}");
        var random = new Random(seed);
        for (var round = 0; round < 50; round++)
        {
            // Bases are any earlier pipelines; the order in which they are written is another one.
            var count = random.Next(1, 12);
            int?[] bases = [.. Enumerable.Range(0, count).Select(i => i == 0 || random.Next(4) == 0 ? (int?)null : random.Next(i))];
            int?[] attempts = [.. Enumerable.Range(0, count).Select(_ => random.Next(2) == 0 ? (int?)null : random.Next(2, 100))];
            int?[] slots = [.. Enumerable.Range(0, count).Select(_ => random.Next(2) == 0 ? (int?)null : random.Next(2, 100))];
            int[] order = [.. Enumerable.Range(0, count)];
            random.Shuffle(order);
            await using var app = TestPipelines.FromJson(Settings(order.Select(i =>
                $"\"p{i}\": {{ {string.Join(", ", new[] { Key("BasedOn", bases[i] is { } b ? $"\"p{b}\"" : null), Block("Retry", "MaxAttempts", attempts[i]), Block("Bulkhead", "MaxConcurrency", slots[i]) }.OfType<string>())} }}")));

            for (var i = 0; i < count; i++)
            {
                var options = app.Monitor.GetSnapshot($"p{i}").Options;
                Assert.True(
                    (options.Retry.MaxAttempts, options.Bulkhead.MaxConcurrency, options.BasedOn) == (Inherited(attempts, i) ?? 3, Inherited(slots, i) ?? 20, bases[i] is { } b ? $"p{b}" : null),
                    $"seed {seed}, round {round}, pipeline p{i}");
            }

            int? Inherited(int?[] values, int i) => values[i] ?? (bases[i] is { } parent ? Inherited(values, parent) : null);
        }

        static string? Key(string name, string? value) => value is null ? null : $"\"{name}\": {value}";
        static string? Block(string name, string key, int? value) => value is null ? null : $"\"{name}\": {{ \"{key}\": {value} }}";
    }

    [Fact]
    public void Circle_of_thousands_is_one_fault_that_names_a_few()
    {
        var refused = Refused(Enumerable.Range(0, Many).Select(i => $"\"p{i}\": {{ \"BasedOn\": \"p{(i + 1) % Many}\" }}"));

        Assert.EndsWith(
            " = \"p0\": goes round in a circle: p0 > p1 > p2 > p3 > p4 > p5 > p6 > p7 > 4992 more > p0",
            Assert.Single(refused.Failures),
            StringComparison.Ordinal);
    }

    [Fact]
    public void Circle_is_told_once_whoever_is_based_on_it()
    {
        var refused = Refused(["\"x\": { \"BasedOn\": \"a\" }", "\"a\": { \"BasedOn\": \"b\" }", "\"b\": { \"BasedOn\": \"a\" }", "\"y\": { \"BasedOn\": \"x\" }"]);

        Assert.Equal(["Resilience:Pipelines:b:BasedOn = \"a\": goes round in a circle: a > b > a"], refused.Failures);
    }

    [Fact]
    public void Unknown_bases_among_thousands_make_a_message_that_can_be_read()
    {
        var refused = Refused(Enumerable.Range(0, Many).Select(i => $"\"p{i:0000}\": {{ \"BasedOn\": \"nobody\" }}"));

        Assert.Equal(Many, refused.Failures.Count());
        Assert.All(refused.Failures, fault => Assert.EndsWith("known are p0000, p0001, p0002, p0003, p0004, p0005, p0006, p0007, 4992 more", fault, StringComparison.Ordinal));
        Assert.InRange(refused.Message.Length, 1, MaxMessage);
        Assert.EndsWith($"{Environment.NewLine}  and 4950 more", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Every_message_that_names_pipelines_queues_or_clients_is_short()
    {
        var log = new LogRecorder();
        var name = new string('n', 10_000); // and nobody stops a name from being long
        await using var app = new TestPipelines(services =>
        {
            services.AddLogging(logging => logging.AddProvider(log));
            var builder = services.AddResilience().AddPipeline(name);
            for (var i = 0; i < Many; i++)
            {
                var pipeline = $"p{i}";
                builder.AddPipeline(pipeline).AddRequestQueue($"q{i}", o => o.Pipeline = pipeline);
                services.AddSingleton(new PipelineUse("p0", $"client{i}"));
            }

            services.AddHealthChecks().AddResilience();
        });
        for (var i = 0; i < 1_000; i++)
        {
            app.Control.Isolate($"p{i}");
        }

        string[] messages =
        [
            Assert.Throws<KeyNotFoundException>(() => app.Provider.GetPipeline("typo")).Message,
            Assert.Throws<KeyNotFoundException>(() => app.Services.GetRequiredService<RequestQueueProvider>().GetQueue("typo")).Message,
            Assert.Single(app.Services.GetRequiredService<IResilienceAdvisor>().GetAdvice(), advice => advice.Id == "shared-pipeline").ToString(),
            (await app.Services.GetRequiredService<HealthCheckService>().CheckHealthAsync()).Entries["resilience"].Description!,
            Refused(["\"a\": { }"], Enumerable.Range(0, Many).Select(i => new PipelineUse("typo", $"client{i}"))).Message,
            Refused(["\"a\": { }"], Enumerable.Range(0, Many).Select(i => new PipelineUse($"typo{i}", name))).Message,
        ];

        Assert.All(messages, message => Assert.InRange(message.Length, 50, MaxMessage));
        Assert.All(messages[..4], message => Assert.Contains(" more", message, StringComparison.Ordinal));
    }

    private static ResilienceConfigurationException Refused(IEnumerable<string> pipelines, IEnumerable<PipelineUse>? uses = null)
    {
        var services = new ServiceCollection();
        services.AddResilience(Json.Section(Settings(pipelines)));
        foreach (var use in uses ?? [])
        {
            services.AddSingleton(use);
        }

        using var provider = services.BuildServiceProvider();
        return Assert.Throws<ResilienceConfigurationException>(() => provider.GetRequiredService<IResilienceMonitor>());
    }

    private static string Settings(IEnumerable<string> pipelines) => $$"""{ "Pipelines": { {{string.Join(", ", pipelines)}} } }""";
}
