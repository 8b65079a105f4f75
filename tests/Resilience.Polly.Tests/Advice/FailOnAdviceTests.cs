using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Resilience.Polly.Tests.AdviceOnSettings;

/// <summary>Advice in the log, at start and after a reload, and advice that keeps an application from starting.</summary>
public sealed class FailOnAdviceTests : IDisposable
{
    private const string OneSlot = """{ "Pipelines": { "payments": { "Bulkhead": { "MaxConcurrency": 1 } }, "mail": { "CircuitBreaker": { "Mode": "Observe" }, "Retry": { "Multiplier": 1 } } } }""";

    private readonly LogRecorder _log = new();

    public void Dispose() => _log.Dispose();

    private async Task<IHost> StartAsync(LiveJson json, Action<IResilienceBuilder>? more = null)
    {
        var application = Host.CreateEmptyApplicationBuilder(null);
        application.Logging.AddProvider(_log);
        var builder = application.Services.AddResilience(json.Section);
        more?.Invoke(builder);
        var host = application.Build();
        await host.StartAsync();
        return host;
    }

    private string[] Advice => [.. _log.Lines.Where(line => line.Contains(": Advice: ", StringComparison.Ordinal)).Select(line => line.Split(',')[0])];

    [Fact]
    public async Task Start_logs_each_advice_at_the_level_of_its_severity()
    {
        using var host = await StartAsync(new LiveJson(OneSlot));
        Assert.Equal(
            [
                "Warning: Advice: Error one-slot: pipeline 'payments'",
                "Warning: Advice: Warning constant-wait: pipeline 'mail'",
                "Information: Advice: Hint circuit-not-enforced: pipeline 'mail'",
            ],
            Advice);
    }

    [Fact]
    public async Task Reload_logs_the_advice_that_is_new_and_no_other()
    {
        static string Settings(string read, string payments = "", string more = "") =>
            $$"""{ "Pipelines": { "payments": { "Timeout": { "Read": "{{read}}" }, "CircuitBreaker": { "RecoveryTimeout": "00:05:00" } {{payments}} } {{more}} } }""";

        var json = new LiveJson(Settings("00:01:10"));
        using var host = await StartAsync(json);
        Assert.Equal(["Information: Advice: Hint read-too-long: pipeline 'payments'"], Advice);

        json.Change(Settings("00:01:20")); // another value, the same advice
        Assert.Single(Advice);
        json.Change(Settings("00:01:20", """, "Retry": { "Jitter": false }"""));
        Assert.Equal("Warning: Advice: Error jitter-off: pipeline 'payments'", Advice[1..].Single());
        json.Change(Settings("00:05:00")); // worse than before
        Assert.Equal("Warning: Advice: Error read-too-long: pipeline 'payments'", Advice[2..].Single());
        json.Change(Settings("00:05:00", more: """, "new": { "Bulkhead": { "MaxConcurrency": 1 } }"""));
        Assert.Equal("Warning: Advice: Error one-slot: pipeline 'new'", Advice[3..].Single());
    }

    [Theory]
    [InlineData(AdviceSeverity.Hint, 3)]
    [InlineData(AdviceSeverity.Warning, 2)]
    [InlineData(AdviceSeverity.Error, 1)]
    public async Task FailOnAdvice_start_is_refused_with_all_advice_of_the_severity_or_worse(AdviceSeverity atLeast, int count)
    {
        var refused = await Assert.ThrowsAsync<ResilienceConfigurationException>(() => StartAsync(new LiveJson(OneSlot), b => b.FailOnAdvice(atLeast)));
        Assert.Equal(count, refused.Failures.Count());
        Assert.StartsWith("Error one-slot: pipeline 'payments', Bulkhead:MaxConcurrency = 1.", refused.Failures.First());
        Assert.StartsWith($"The resilience settings earn advice that FailOnAdvice refuses:{Environment.NewLine}  Error one-slot: ", refused.Message);
        Assert.Empty(_log.Lines);
    }

    [Fact]
    public async Task FailOnAdvice_left_to_itself_passes_hints()
    {
        using var host = await StartAsync(new LiveJson("""{ "Pipelines": { "mail": { "CircuitBreaker": { "Mode": "Observe" } } } }"""), b => b.FailOnAdvice());
        Assert.Single(Advice);
    }

    [Fact]
    public async Task FailOnAdvice_accepted_ids_pass_and_are_still_told()
    {
        using var host = await StartAsync(new LiveJson(OneSlot), b => b.FailOnAdvice(except: ["One-Slot", "constant-wait"]));
        Assert.Equal(3, Advice.Length);
        Assert.Equal(3, host.Services.GetRequiredService<IResilienceAdvisor>().GetAdvice().Count);
    }

    [Fact]
    public async Task FailOnAdvice_called_again_the_last_call_counts()
    {
        using var host = await StartAsync(
            new LiveJson("""{ "Pipelines": { "mail": { "Retry": { "Multiplier": 1 } } } }"""), b => b.FailOnAdvice().FailOnAdvice(AdviceSeverity.Error));
        Assert.Single(Advice);
    }

    [Fact]
    public async Task FailOnAdvice_without_a_host_the_first_use_is_refused()
    {
        await using var app = TestPipelines.FromJson(OneSlot, b => b.FailOnAdvice());
        Assert.Throws<ResilienceConfigurationException>(() => app.Pipeline);
        Assert.Throws<ResilienceConfigurationException>(app.Services.GetRequiredService<IResilienceAdvisor>);
    }

    [Fact]
    public async Task FailOnAdvice_reload_that_would_earn_it_is_ignored_as_a_whole_and_a_later_good_one_takes_effect()
    {
        var json = new LiveJson("""{ "Pipelines": { "payments": { "Retry": { "MaxAttempts": 2 } } } }""");
        using var host = await StartAsync(json, b => b.FailOnAdvice());
        int Attempts() => host.Services.GetRequiredService<IResilienceMonitor>().GetSnapshot("payments").Options.Retry.MaxAttempts;
        Assert.Equal(2, Attempts());
        json.Change("""{ "Pipelines": { "payments": { "Retry": { "MaxAttempts": 3 } }, "mail": { "Bulkhead": { "MaxConcurrency": 1 } } } }""");
        Assert.Equal(2, Attempts());
        Assert.Empty(host.Services.GetRequiredService<IResilienceAdvisor>().GetAdvice());
        Assert.Contains(_log.Lines, line => line.StartsWith("Error: The changed settings are ignored", StringComparison.Ordinal)
            && line.Contains("one-slot: pipeline 'mail'", StringComparison.Ordinal));
        json.Change("""{ "Pipelines": { "payments": { "Retry": { "MaxAttempts": 3 } } } }""");
        Assert.Equal(3, Attempts());
    }

    [Fact]
    public void FailOnAdvice_bad_arguments_are_refused_at_once()
    {
        var builder = new ServiceCollection().AddResilience();
        Assert.Throws<ArgumentOutOfRangeException>("atLeast", () => builder.FailOnAdvice((AdviceSeverity)3));
        Assert.Throws<ArgumentException>("except", () => builder.FailOnAdvice(except: ["jitter-off", ""]));
        Assert.Throws<ArgumentNullException>("builder", () => ((IResilienceBuilder)null!).FailOnAdvice());
    }
}
