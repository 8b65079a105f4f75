using Microsoft.Extensions.DependencyInjection;

namespace Resilience.Polly.Tests.Idempotency;

/// <summary>The block Idempotency; what is refused from a configuration is listed with the other bad input.</summary>
public class IdempotencySettingsTests
{
    [Theory]
    [InlineData("X-Request-ID")]
    [InlineData("traceid")]
    [InlineData("!#$%&'*+-.^_`|~09azAZ")] // every character of a token
    public async Task Header_name_that_is_a_token_is_accepted(string name)
    {
        await using var app = TestPipelines.Of(o => (o.Idempotency.KeyHeader, o.Idempotency.RequestIdHeader) = (name, name + "2"));

        Assert.Equal((name, name + "2"), (app.Snapshot.Options.Idempotency.KeyHeader, app.Snapshot.Options.Idempotency.RequestIdHeader));
    }

    [Theory]
    [InlineData("", "")]
    [InlineData("X Id", "X Id")]
    [InlineData("X-Id\r\nEvil: 1", "X-Id\r\nEvil: 1")]
    [InlineData("Schlüssel", "Schlüssel")]
    [InlineData("a:b", "a:b")]
    [InlineData(null, "null")]
    public async Task Header_name_that_is_none_is_refused_in_code_too(string? name, string printed)
    {
        await using var app = TestPipelines.Of(o => o.Idempotency.KeyHeader = name!);

        var refused = Assert.Throws<ResilienceConfigurationException>(() => app.Pipeline);

        Assert.Equal([$"payments:Idempotency:KeyHeader = {printed} (set in code): out of range, allowed is the name of a header"], refused.Failures);
    }

    [Theory]
    [InlineData("X-Request-ID")]
    [InlineData("x-request-id")]
    public async Task Header_name_that_both_have_is_refused(string name)
    {
        await using var app = TestPipelines.Of(o => o.Idempotency.KeyHeader = name);

        var refused = Assert.Throws<ResilienceConfigurationException>(() => app.Pipeline);

        Assert.Equal([$"payments:Idempotency:KeyHeader = \"{name}\": is also the RequestIdHeader, and the two have different forms"], refused.Failures);
    }

    [Fact]
    public async Task Block_is_inherited_key_by_key()
    {
        await using var app = TestPipelines.FromJson("""
            { "Defaults": { "Idempotency": { "KeyHeader": "X-Key" } },
              "Pipelines": { "bank": { "Idempotency": { "ServerDeduplicates": true } }, "payments": { "BasedOn": "bank" } } }
            """);

        var options = app.Snapshot.Options.Idempotency;
        Assert.Equal((true, "X-Request-ID", "X-Key"), (options.ServerDeduplicates, options.RequestIdHeader, options.KeyHeader));
    }

    [Fact]
    public async Task Block_changes_while_the_application_runs()
    {
        var json = new LiveJson("""{ "Pipelines": { "payments": {} } }""");
        await using var app = new TestPipelines(services => services.AddResilience(json.Section));
        Assert.False(app.Snapshot.Options.Idempotency.ServerDeduplicates);

        json.Change("""{ "Pipelines": { "payments": { "Idempotency": { "ServerDeduplicates": true } } } }""");

        Assert.True(app.Snapshot.Options.Idempotency.ServerDeduplicates);
    }
}
