using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Polly;
using Polly.CircuitBreaker;
using static Resilience.Polly.TestKit.Dependency;

namespace Resilience.Polly.Tests.Pipelines;

/// <summary>Live settings: good, bad, good again; what belongs to the calls survives.</summary>
public sealed class ReloadTests : IDisposable
{
    private readonly LogRecorder _log = new();

    private TestPipelines App(LiveJson json) => new(services =>
    {
        services.AddLogging(logging => logging.AddProvider(_log));
        services.AddResilience(json.Section);
    });

    public void Dispose() => _log.Dispose();

    private static string Settings(string payments, string more = "") => $$"""{ "Pipelines": { "payments": {{payments}} {{more}} } }""";

    [Fact]
    public async Task Good_settings_take_effect_and_the_pipeline_stays_the_same_object()
    {
        var json = new LiveJson(Settings("""{ "Retry": { "MaxAttempts": 2, "MinWait": "00:00:00" } }"""));
        await using var app = App(json);
        var pipeline = app.Pipeline;
        Assert.Equal(2, await AttemptsAsync(pipeline));
        json.Change(Settings("""{ "Retry": { "MaxAttempts": 4, "MinWait": "00:00:00" } }"""));
        Assert.Equal(4, await AttemptsAsync(pipeline));
        Assert.Same(pipeline, app.Pipeline);
        Assert.Contains(_log.Lines, line => line.StartsWith("Information: Settings changed. Pipeline payments: bulkhead 20 (5 s) > circuit 5/30 s > retry 4", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Bad_settings_are_logged_and_ignored_as_a_whole_and_later_good_ones_take_effect()
    {
        var json = new LiveJson(Settings("""{ "Retry": { "MaxAttempts": 2, "MinWait": "00:00:00" } }"""));
        await using var app = App(json);
        await AttemptsAsync(app.Pipeline);
        json.Change(Settings("""{ "Retry": { "MaxAttempts": 5, "MinWait": "00:00:00" }, "Bulkhead": { "MaxConcurrency": 0 } }""", ""","new": {}"""));
        Assert.Equal(2, await AttemptsAsync(app.Pipeline));
        Assert.False(app.Provider.TryGetPipeline("new", out _));
        Assert.Contains(_log.Lines, line => line.StartsWith("Error: ", StringComparison.Ordinal)
            && line.Contains("Resilience:Pipelines:payments:Bulkhead:MaxConcurrency = \"0\"", StringComparison.Ordinal));
        json.Change(Settings("""{ "Retry": { "MaxAttempts": 6, "MinWait": "00:00:00" } }"""));
        Assert.Equal(6, await AttemptsAsync(app.Pipeline));
    }

    [Fact]
    public async Task Circuit_state_survives()
    {
        var json = new LiveJson(Settings("""{ "CircuitBreaker": { "FailureThreshold": 1 }, "Retry": { "MaxAttempts": 1 } }"""));
        await using var app = App(json);
        await AttemptsAsync(app.Pipeline);
        json.Change(Settings("""{ "CircuitBreaker": { "FailureThreshold": 9 } }"""));
        var circuit = app.Snapshot.CircuitBreaker;
        Assert.Equal((CircuitState.Open, 9), (circuit.State, circuit.FailureThreshold));
    }

    [Fact]
    public async Task Slots_in_use_survive_and_a_lower_limit_takes_effect_as_calls_leave()
    {
        var json = new LiveJson(Settings("""{ "Bulkhead": { "MaxConcurrency": 3, "AcquisitionTimeout": "00:00:00" } }"""));
        await using var app = App(json);
        var gates = Enumerable.Range(0, 3).Select(_ => new TaskCompletionSource()).ToArray();
        var calls = gates.Select(gate => app.Pipeline.ExecuteAsync(async _ => await gate.Task).AsTask()).ToArray();
        json.Change(Settings("""{ "Bulkhead": { "MaxConcurrency": 1, "AcquisitionTimeout": "00:00:00" } }"""));
        Assert.Equal((3, 1), (app.Snapshot.Bulkhead.InUse, app.Snapshot.Bulkhead.Limit));
        for (var i = 0; i < 3; i++)
        {
            Assert.IsType<BulkheadFullException>((await new Dependency(Answers(1)).ThroughAsync(app.Pipeline)).Exception);
            gates[i].SetResult();
            await calls[i];
        }

        Assert.Null((await new Dependency(Answers(1)).ThroughAsync(app.Pipeline)).Exception);
    }

    [Fact]
    public async Task Call_in_flight_finishes_under_the_settings_that_it_began_with()
    {
        var json = new LiveJson(Settings("""{ "Retry": { "MaxAttempts": 3, "MinWait": "00:00:01", "Jitter": false } }"""));
        await using var app = App(json);
        var dependency = new Dependency(Fails());
        var call = dependency.ThroughAsync(app.Pipeline);
        json.Change(Settings("""{ "Retry": { "MaxAttempts": 1 } }"""));
        app.Clock.Advance(TimeSpan.FromSeconds(1));
        app.Clock.Advance(TimeSpan.FromSeconds(2));
        await call;
        Assert.Equal(3, dependency.Attempts);
    }

    [Fact]
    public async Task Pipeline_added_while_running_works_and_is_injected()
    {
        var json = new LiveJson(Settings("{}"));
        await using var app = App(json);
        Assert.Throws<KeyNotFoundException>(() => app.Provider.GetPipeline("search"));
        json.Change(Settings("{}", ""","search": { "Retry": { "MaxAttempts": 5, "MinWait": "00:00:00" } }"""));
        Assert.Equal(5, await AttemptsAsync(app.Services.GetRequiredKeyedService<ResiliencePipeline>("search")));
        Assert.Equal(["payments", "search"], app.Monitor.GetSnapshots().Select(s => s.Name));
    }

    [Fact]
    public async Task Pipeline_removed_keeps_its_last_settings_for_those_who_hold_it()
    {
        var json = new LiveJson(Settings("""{ "Retry": { "MaxAttempts": 4, "MinWait": "00:00:00" } }"""));
        await using var app = App(json);
        var pipeline = app.Pipeline;
        json.Change("""{ "Pipelines": { } }""");
        Assert.Equal(4, await AttemptsAsync(pipeline));
        Assert.Contains("Warning: Pipeline 'payments' is no longer configured; code that holds it keeps its last settings", _log.Lines);
    }

    [Fact]
    public async Task Unchanged_settings_are_no_event()
    {
        var json = new LiveJson(Settings("{}"));
        await using var app = App(json);
        Assert.NotNull(app.Pipeline);
        json.Change(Settings("""{ "Retry": { "MaxAttempts": 3 } }"""));
        Assert.Empty(_log.Lines);
    }

    private static async Task<int> AttemptsAsync(ResiliencePipeline pipeline)
    {
        var dependency = new Dependency(Fails());
        await dependency.ThroughAsync(pipeline);
        return dependency.Attempts;
    }
}
