using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Resilience.Polly.Tests.Configuration;

/// <summary>Bad settings are refused when the host starts, all at once.</summary>
public class BadInputTests
{
    private static async Task<ResilienceConfigurationException> RefusedAsync(string json, Action<IResilienceBuilder>? more = null)
    {
        var application = Host.CreateEmptyApplicationBuilder(null);
        var builder = application.Services.AddResilience(Json.Section(json));
        more?.Invoke(builder);
        using var host = application.Build();
        return await Assert.ThrowsAsync<ResilienceConfigurationException>(() => host.StartAsync());
    }

    [Theory]
    [InlineData("""{ "Timeout": { "Read": "30" } }""", "Timeout:Read = \"30\": a bare number is not a duration (.NET reads it as days); for 30 seconds write \"00:00:30\", allowed is 00:00:00.0010000 to 1.00:00:00")]
    [InlineData("""{ "Timeout": { "Read": 2.5 } }""", "Timeout:Read = \"2.5\": a bare number is not a duration (.NET reads it as days); for 2.5 seconds write \"00:00:02.5000000\", allowed is 00:00:00.0010000 to 1.00:00:00")]
    [InlineData("""{ "Timeout": { "Read": "30s" } }""", "Timeout:Read = \"30s\": not a duration; write hours:minutes:seconds such as \"00:00:30\", allowed is 00:00:00.0010000 to 1.00:00:00")]
    [InlineData("""{ "Timeout": { "Read": "05:00" } }""", "Timeout:Read = \"05:00\": not a duration; write hours:minutes:seconds such as \"00:00:30\", allowed is 00:00:00.0010000 to 1.00:00:00")] // .NET reads five hours
    [InlineData("""{ "Timeout": { "Read": "0:00:05:00" } }""", "Timeout:Read = \"0:00:05:00\": not a duration; write hours:minutes:seconds such as \"00:00:30\", allowed is 00:00:00.0010000 to 1.00:00:00")]
    [InlineData("""{ "Timeout": { "Read": "24:00:00" } }""", "Timeout:Read = \"24:00:00\": not a duration; write hours:minutes:seconds such as \"00:00:30\", allowed is 00:00:00.0010000 to 1.00:00:00")] // .NET reads 24 days
    [InlineData("""{ "Timeout": { "Connect": "00:00:00" } }""", "Timeout:Connect = \"00:00:00\": out of range, allowed is 00:00:00.0010000 to 1.00:00:00")]
    [InlineData("""{ "Timeout": { "Connect": "-00:00:05" } }""", "Timeout:Connect = \"-00:00:05\": out of range, allowed is 00:00:00.0010000 to 1.00:00:00")]
    [InlineData("""{ "Timeout": { "Connect": "1.00:00:01" } }""", "Timeout:Connect = \"1.00:00:01\": out of range, allowed is 00:00:00.0010000 to 1.00:00:00")]
    [InlineData("""{ "Timeout": { "Connect": "-00:00:00.001" } }""", "Timeout:Connect = \"-00:00:00.001\": out of range, allowed is 00:00:00.0010000 to 1.00:00:00")] // infinite only from code
    [InlineData("""{ "Timeout": { "Connect": null } }""", "Timeout:Connect: has no value, allowed is 00:00:00.0010000 to 1.00:00:00")]
    [InlineData("""{ "Timeout": { "Preset": "Fast" } }""", "Timeout:Preset = \"Fast\": not one of HighLatency, LowLatency")]
    [InlineData("""{ "Timeout": "00:00:30" }""", "Timeout = \"00:00:30\": a block of settings is expected here, with the keys Connect, Read, Write, Pool, Attempt, Total, ProgressiveStep")]
    [InlineData("""{ "Retry": { "MaxAttempts": 0 } }""", "Retry:MaxAttempts = \"0\": out of range, allowed is 1 to 100")]
    [InlineData("""{ "Retry": { "MaxAttempts": "three" } }""", "Retry:MaxAttempts = \"three\": not a whole number, allowed is 1 to 100")]
    [InlineData("""{ "Retry": { "MaxAttempts": 1.5 } }""", "Retry:MaxAttempts = \"1.5\": not a whole number, allowed is 1 to 100")]
    [InlineData("""{ "Retry": { "MaxAttempts": 99999999999 } }""", "Retry:MaxAttempts = \"99999999999\": out of range, allowed is 1 to 100")]
    [InlineData("""{ "Retry": { "MaxAttempts": "NaN" } }""", "Retry:MaxAttempts = \"NaN\": not a whole number, allowed is 1 to 100")]
    [InlineData("""{ "Retry": { "Multiplier": "NaN" } }""", "Retry:Multiplier = \"NaN\": not a number, allowed is 1 to 100")]
    [InlineData("""{ "Retry": { "Budget": { "Ratio": "0,2" } } }""", "Retry:Budget:Ratio = \"0,2\": not a number, allowed is 0 to 10")] // .NET reads 2
    [InlineData("""{ "Retry": { "MaxAttempts": { "Value": 3 } } }""", "Retry:MaxAttempts: a single value is expected here, allowed is 1 to 100")]
    [InlineData("""{ "Retry": { "Jitter": "yes" } }""", "Retry:Jitter = \"yes\": not a switch, allowed is true or false")]
    [InlineData("""{ "Retry": { "MinWait": "00:02:00" } }""", "Retry:MinWait = 00:02:00: is longer than MaxWait, which is 00:01:00")]
    [InlineData("""{ "Retry": { "Budget": { "Preset": "Big" } } }""", "Retry:Budget:Preset = \"Big\": unknown key, this block has no presets")]
    [InlineData("""{ "Retry": { "Budget": { "Preset": null } } }""", "Retry:Budget:Preset: unknown key, this block has no presets")]
    [InlineData("""{ "CircuitBreaker": { "Mode": "Off" } }""", "CircuitBreaker:Mode = \"Off\": not one of Enforce, Observe, Disabled")]
    [InlineData("""{ "CircuitBreaker": { "Mode": "2" } }""", "CircuitBreaker:Mode = \"2\": not one of Enforce, Observe, Disabled")]
    [InlineData("""{ "CircuitBreaker": { "RecoveryTimeout": "00:00:00.009" } }""", "CircuitBreaker:RecoveryTimeout = \"00:00:00.009\": out of range, allowed is 00:00:00.0100000 to 1.00:00:00")]
    [InlineData("""{ "Bulkhead": { "MaxConcurency": 5 } }""", "Bulkhead:MaxConcurency = \"5\": unknown key, known here are MaxConcurrency, AcquisitionTimeout, MaxQueue, HoldWhileWaiting, Shared, Adaptive")]
    [InlineData("""{ "Timeout": { "Pool": "-00:00:01" } }""", "Timeout:Pool = \"-00:00:01\": out of range, allowed is 00:00:00 to 1.00:00:00")]
    [InlineData("""{ "Timeout": { "Pool": "1.00:00:01" } }""", "Timeout:Pool = \"1.00:00:01\": out of range, allowed is 00:00:00 to 1.00:00:00")]
    [InlineData("""{ "Idempotency": { "KeyHeader": "Idempotency Key" } }""", "Idempotency:KeyHeader = \"Idempotency Key\": out of range, allowed is the name of a header")]
    [InlineData("""{ "Idempotency": { "RequestIdHeader": "X-Anfrage-Nr.:" } }""", "Idempotency:RequestIdHeader = \"X-Anfrage-Nr.:\": out of range, allowed is the name of a header")]
    [InlineData("""{ "Idempotency": { "RequestIdHeader": "" } }""", "Idempotency:RequestIdHeader = \"\": out of range, allowed is the name of a header")]
    [InlineData("""{ "Idempotency": { "KeyHeader": null } }""", "Idempotency:KeyHeader: has no value, allowed is the name of a header")]
    [InlineData("""{ "Idempotency": { "ServerDeduplicates": "yes" } }""", "Idempotency:ServerDeduplicates = \"yes\": not a switch, allowed is true or false")]
    [InlineData("""{ "Idempotency": { "Header": "X" } }""", "Idempotency:Header = \"X\": unknown key, known here are ServerDeduplicates, RequestIdHeader, KeyHeader, MaxRequestBufferSize")]
    [InlineData("""{ "Preset": "LowLatency" }""", "Preset = \"LowLatency\": unknown key, known here are BasedOn, BaseAddress, MapExceptions, Importance, PartitionBy, MaxPartitions, MaxOpenShare, PartitionIdleTimeout, PartitionMetrics, Timeout, Retry, CircuitBreaker, Bulkhead, RateLimit, LoadShedding, Idempotency, Alerts, Chaos")]
    [InlineData("""{ "BaseAddress": "payments" }""", "BaseAddress = \"payments\": allowed is an absolute http or https address without credentials")]
    [InlineData("""{ "BaseAddress": "https://me:pass@bank.example" }""", "BaseAddress = \"https://***@bank.example\": allowed is an absolute http or https address without credentials")]
    [InlineData("""{ "BasedOn": "nobody" }""", "BasedOn = \"nobody\": there is no pipeline of this name, known are payments")]
    [InlineData("""{ "BasedOn": "payments" }""", "BasedOn = \"payments\": goes round in a circle: payments > payments")]
    public async Task Setting_refused_with_its_path_the_value_and_what_is_allowed(string pipeline, string fault)
    {
        var refused = await RefusedAsync($$"""{ "Pipelines": { "payments": {{pipeline}} } }""");
        Assert.Equal([$"Resilience:Pipelines:payments:{fault}"], refused.Failures);
    }

    [Theory]
    [InlineData("""{ "Pipeline": {} }""", "Resilience:Pipeline: unknown key, known here are Defaults, Pipelines, Queues")]
    [InlineData("""{ "Defaults": { "BasedOn": "payments" }, "Pipelines": { "payments": {} } }""", "Resilience:Defaults:BasedOn = \"payments\": the defaults are what everything is based on; name a base at a pipeline")]
    [InlineData("\"on\"", "Resilience = \"on\": a block of settings is expected here, with the keys Defaults, Pipelines, Queues")]
    [InlineData("""{ "Defaults": { "BasedOn": null }, "Pipelines": { "payments": {} } }""", "Resilience:Defaults:BasedOn: the defaults are what everything is based on; name a base at a pipeline")]
    [InlineData("""{ "Pipelines": { "": { } } }""", "Resilience:Pipelines = \"\": the name of a pipeline is empty")]
    [InlineData("""{ "Pipelines": "payments" }""", "Resilience:Pipelines = \"payments\": a block of named pipelines is expected here")]
    [InlineData("""{ "Defaults": { "Retry": { "Multiplier": 0.5 } } }""", "Resilience:Defaults:Retry:Multiplier = \"0.5\": out of range, allowed is 1 to 100")]
    public async Task Section_refused_with_its_path(string json, string fault) =>
        Assert.Equal([fault], (await RefusedAsync(json)).Failures);

    [Theory]
    [InlineData("7.0")]
    [InlineData("0.7e1")]
    [InlineData("\"7\"")]
    public async Task Whole_number_is_read_however_it_is_written(string number)
    {
        await using var app = TestPipelines.FromJson($$"""{ "Pipelines": { "payments": { "Retry": { "MaxAttempts": {{number}} } } } }""");
        Assert.Equal(7, app.Snapshot.Options.Retry.MaxAttempts);
    }

    [Fact]
    public async Task Cycle_of_several_is_shown_as_a_whole()
    {
        var refused = await RefusedAsync("""{ "Pipelines": { "a": { "BasedOn": "b" }, "b": { "BasedOn": "c" }, "c": { "BasedOn": "a" } } }""");
        Assert.Contains("Resilience:Pipelines:c:BasedOn = \"a\": goes round in a circle: a > b > c > a", refused.Failures);
    }

    [Fact]
    public async Task Code_is_checked_like_the_configuration()
    {
        var refused = await RefusedAsync("{}", builder => builder
            .AddPipeline("search", o => o.Timeout.Read = TimeSpan.Zero)
            .AddPipeline("")
            .AddPipeline("ads")
            .AddPipeline("ADS")
            .AddPipeline("feed", o => o.Retry = null!)
            .AddPipeline("mail", _ => throw new InvalidOperationException("no such tenant")));
        Assert.Equal(
            [
                "an AddPipeline call = \"\": the name of a pipeline is empty",
                "ADS: AddPipeline was called twice with this name; put all settings into one call",
                "search:Timeout:Read = 00:00:00 (set in code): out of range, allowed is 00:00:00.0010000 to 1.00:00:00",
                "feed:Retry = null (set in code): a block of settings is expected here",
                "mail: the code that configures this pipeline failed: InvalidOperationException: no such tenant",
            ],
            refused.Failures);
    }

    [Fact]
    public async Task Faults_are_listed_together_one_a_line()
    {
        var refused = await RefusedAsync(
            """{ "Defaults": { "Retries": {} }, "Pipelines": { "a": { "Timeout": { "Read": "30" } }, "b": { "BasedOn": "a", "Bulkhead": { "MaxConcurrency": 0 } } } }""");
        Assert.Equal(3, refused.Failures.Count());
        Assert.Equal(4, refused.Message.Split(Environment.NewLine).Length);
        Assert.StartsWith("The resilience settings have 3 faults:", refused.Message);
    }

    [Fact]
    public async Task Without_a_host_the_first_use_is_refused()
    {
        await using var app = TestPipelines.FromJson("""{ "Pipelines": { "payments": { "Typo": 1 } } }""");
        Assert.Throws<ResilienceConfigurationException>(() => app.Provider.GetPipeline("payments"));
        Assert.Throws<ResilienceConfigurationException>(() => app.Monitor);
    }

    [Fact]
    public void Null_arguments_are_refused_at_once()
    {
        var builder = new ServiceCollection().AddResilience();
        Assert.Throws<ArgumentNullException>("name", () => builder.AddPipeline(null!));
        Assert.Throws<ArgumentNullException>("section", () => builder.Services.AddResilience(null!));
        Assert.Throws<ArgumentNullException>("listener", () => builder.AddListener(null!));
    }
}
