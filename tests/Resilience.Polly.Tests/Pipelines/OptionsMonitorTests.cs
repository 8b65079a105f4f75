using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace Resilience.Polly.Tests.Pipelines;

/// <summary>The settings in force, by the way in which .NET gives live settings.</summary>
public class OptionsMonitorTests
{
    private static TestPipelines App(LiveJson json) => new(services => services.AddResilience(json.Section));

    private static IOptionsMonitor<PipelineOptions> Monitor(TestPipelines app) => app.Services.GetRequiredService<IOptionsMonitor<PipelineOptions>>();

    private static string Attempts(int number) => $$"""{ "Pipelines": { "payments": { "Retry": { "MaxAttempts": {{number}} } }, "other": {} } }""";

    [Fact]
    public async Task Get_follows_the_configuration()
    {
        var json = new LiveJson(Attempts(2));
        await using var app = App(json);
        Assert.Equal(2, Monitor(app).Get("payments").Retry.MaxAttempts);
        Assert.Same(Monitor(app).Get("payments"), Monitor(app).Get("PAYMENTS"));
        json.Change(Attempts(5));
        Assert.Equal(5, Monitor(app).Get("payments").Retry.MaxAttempts);
    }

    [Fact]
    public async Task Get_gives_a_copy_that_changes_nothing_in_force()
    {
        await using var app = App(new LiveJson(Attempts(2)));
        Monitor(app).Get("payments").Retry.MaxAttempts = 50;
        Assert.Equal(2, app.Snapshot.Options.Retry.MaxAttempts);
    }

    [Fact]
    public async Task Get_unknown_name_throws_KeyNotFoundException_and_CurrentValue_says_to_use_a_name()
    {
        await using var app = App(new LiveJson(Attempts(2)));
        Assert.Contains("'nobody'", Assert.Throws<KeyNotFoundException>(() => Monitor(app).Get("nobody")).Message);
        Assert.Contains("use Get with the name", Assert.Throws<InvalidOperationException>(() => Monitor(app).CurrentValue).Message);
    }

    [Fact]
    public async Task OnChange_tells_of_what_has_changed_and_of_nothing_else()
    {
        var json = new LiveJson(Attempts(2));
        await using var app = App(json);
        var told = new List<string>();
        var subscription = Monitor(app).OnChange((options, name) => told.Add($"{name} {options.Retry.MaxAttempts}"))!;
        json.Change(Attempts(2));
        json.Change(Attempts(0));
        Assert.Empty(told);
        json.Change(Attempts(3));
        Assert.Equal(["payments 3"], told);
        subscription.Dispose();
        json.Change(Attempts(4));
        Assert.Single(told);
    }

    [Fact]
    public async Task OnChange_may_ask_for_pipelines()
    {
        var json = new LiveJson(Attempts(2));
        await using var app = App(json);
        var seen = 0;
        using var subscription = Monitor(app).OnChange((_, _) => seen = Task.Run(() => app.Provider.GetPipeline("other")).Wait(TimeSpan.FromSeconds(30)) ? 1 : -1);
        json.Change(Attempts(3));
        Assert.Equal(1, seen);
    }
}
