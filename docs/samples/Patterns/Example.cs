using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using Resilience.Polly;

namespace Patterns;

/// <summary>One example of the guide: what the service does, and who calls it when.</summary>
internal sealed class Example(int number, string title, Func<int, TimeSpan, Reply> service, Action<Caller> play, params (string Key, string Value)[] settings)
{
    private const string Pipeline = "api";

    public static Example[] All { get; } =
    [
        new(1, "healthy service", (_, _) => Reply.AnswerAfter(seconds: 0.1), caller => caller.Call()),

        new(2, "temporarily slow service", (attempt, _) => Reply.AnswerAfter(seconds: attempt == 1 ? 60 : 25), caller => caller.Call()),

        new(3, "failing service, the circuit opens",
            (_, now) => now < TimeSpan.FromSeconds(20) ? Reply.Refuse : Reply.AnswerAfter(seconds: 0.1),
            caller =>
            {
                for (var call = 1; call <= 6; call++)
                {
                    caller.Call();
                    caller.Pass(TimeSpan.FromSeconds(1));
                }

                caller.Pass(TimeSpan.FromSeconds(27));
                caller.Call();
                caller.Pass(TimeSpan.FromSeconds(1));
                caller.Call();
            },
            ("Retry:MaxAttempts", "1")), // so that each call is one failure to look at

        new(4, "system overload, the bulkhead protects",
            (_, _) => Reply.AnswerAfter(seconds: 8),
            caller =>
            {
                caller.CallUnseen(times: 20);
                caller.Call();
            }),
    ];

    public int Number => number;

    /// <summary>Plays the example, and then writes what was seen of it.</summary>
    public async Task RunAsync(IEnumerable<(string Key, string Value)> changes, TextWriter output)
    {
        // Later values replace earlier ones. Without jitter each run prints the same.
        var values = new Dictionary<string, string?>(StringComparer.OrdinalIgnoreCase) { [$"Resilience:Pipelines:{Pipeline}:Retry:Jitter"] = "false" };
        foreach (var (key, value) in settings.Concat(changes))
        {
            values[$"Resilience:Pipelines:{Pipeline}:{key}"] = value;
        }

        var clock = new FakeTimeProvider();
        var flow = new FlowLog(clock.GetUtcNow());
        await using (var pipelines = ResiliencePipelines.Create(resilience => resilience.AddListener(flow).Services
            .AddSingleton<TimeProvider>(clock)
            .AddResilience(new ConfigurationBuilder().AddInMemoryCollection(values).Build().GetSection("Resilience"))))
        {
            var monitor = pipelines.Services.GetRequiredService<IResilienceMonitor>();
            output.WriteLine($"Example {number}: {title}");
            output.WriteLine(monitor.GetSnapshot(Pipeline));
            play(new(pipelines.GetPipeline(Pipeline), () => monitor.GetSnapshot(Pipeline), service, clock, flow));
        }

        // The pipelines are disposed of: the listener has heard everything.
        flow.WriteTo(output);
        output.WriteLine();
    }
}
